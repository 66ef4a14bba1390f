// Build plans, target by target: pure data that says everything the build will do.
import { describe, expect, it } from "vitest";
import { foldersOf } from "../matrix/folders.ts";
import { libraryFileName, libraryFiles } from "../matrix/names.ts";
import type { Target } from "../matrix/target.ts";
import { targets } from "../matrix/targets.ts";
import { linuxBox } from "../toolchain/fixtures.ts";
import { planToolchain } from "../toolchain/plan.ts";
import type { StdProvider } from "../toolchain/toolchain.ts";
import { tinyProject } from "./fixtures/tiny/tiny.project.ts";
import { planBuild, type BuildPlan, type BuildSettings } from "./plan.ts";

const project = tinyProject("/checkout");
const settings: BuildSettings = {
  profile: "release",
  jobs: 2,
  offline: false,
  gitCommit: "c0ffee",
  cargoSources: ["/cargo-home", "/cargo-home/registry/src/mirror-1"],
  nodeApiHeaders: "/node-api-headers",
};

function plan(
  triple: string,
  changes: Partial<BuildSettings> = {},
  std: StdProvider = "installed",
): BuildPlan {
  const toolchain = planToolchain(target(triple), linuxBox);
  if (toolchain.kind === "unsupported") throw new Error(toolchain.reason);
  return planBuild(project, toolchain, std, linuxBox, foldersOf(project, {}), { ...settings, ...changes });
}

function target(triple: string): Target {
  const found = targets.find((entry) => entry.triple === triple);
  if (found === undefined) throw new Error(triple);
  return found;
}

const buildable = targets.filter((row) => row.slices === undefined);

/** The words after `--`, which cargo hashes into symbol names. */
function hashedWords({ cargo }: BuildPlan): readonly string[] {
  return cargo.args.slice(cargo.args.indexOf("--") + 1);
}

describe.each(buildable.map(({ triple }) => triple))("the plan of %s", (triple) => {
  it("is locked to the lock file and names the target", () => {
    const { args } = plan(triple).cargo;
    expect(args).toContain("--locked");
    expect(args[args.indexOf("--target") + 1]).toBe(triple);
  });

  it("puts no path among the words that end up in symbol names", () => {
    expect(hashedWords(plan(triple)).filter((word) => /(^|[=,])\//.test(word))).toEqual([]);
  });

  it("remaps the checkout, cargo's home, each registry and the std's sources", () => {
    const flags = plan(triple).cargo.env?.["CARGO_ENCODED_RUSTFLAGS"]?.split("\x1f") ?? [];
    const remapped = flags.filter((flag) => flag.startsWith("--remap-path-prefix="));
    expect(remapped.map((flag) => flag.slice("--remap-path-prefix=".length))).toEqual([
      "/checkout=/tiny",
      `${plan(triple).directories.cargo}=/tiny/target`,
      "/rust/lib/rustlib/src/rust=/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860",
      "/cargo-home=/cargo",
      "/cargo-home/registry/src/mirror-1=/cargo/registry",
    ]);
  });

  it("yields every file that the target is said to have", () => {
    const answer = planToolchain(target(triple), linuxBox);
    const expected = libraryFiles(answer.target).map((file) => libraryFileName(answer.target, file, "tiny"));
    expect(expected).not.toEqual([]);
    expect(plan(triple).outputs.map(({ fileName }) => fileName)).toEqual(expected);
  });

  it("does not let a user's own flags in, and tells the crate to add none", () => {
    const { env } = plan(triple).cargo;
    expect(env).toHaveProperty("RUSTFLAGS", undefined);
    expect(env).toMatchObject({ TINY_LINK_ARGS: "none", TINY_GIT_COMMIT: "c0ffee" });
  });
});

describe("link arguments", () => {
  it("of ELF name the library, forbid unmapping it and leave nothing undefined", () => {
    const words = hashedWords(plan("aarch64-unknown-linux-gnu"));
    expect(words).toEqual(
      expect.arrayContaining(
        ["soname,libtiny.so", "z,nodelete", "z,relro", "z,now", "z,defs", "-build-id=none"].map(
          (word) => `-Clink-arg=-Wl,-${word}`,
        ),
      ),
    );
  });

  it("of Android align to 16 KB in both page sizes", () => {
    const words = hashedWords(plan("aarch64-linux-android"));
    expect(words).toContain("-Clink-arg=max-page-size=16384");
    expect(words).toContain("-Clink-arg=common-page-size=16384");
  });

  it("of macOS install under the user's rpath", () => {
    expect(hashedWords(plan("aarch64-apple-darwin"))).toContain("-Clink-arg=@rpath/libtiny.dylib");
  });

  it("of Windows replace the time stamp by a hash", () => {
    expect(hashedWords(plan("x86_64-pc-windows-gnullvm"))).toContain("-Clink-arg=-Wl,-Brepro");
  });

  it("are none of a shared library's on iOS, which gets a static one only", () => {
    expect(plan("aarch64-apple-ios").cargo.args).toContain("staticlib");
  });
});

describe("settings", () => {
  it("of the quick profile leave link-time optimisation out", () => {
    expect(plan("x86_64-unknown-linux-gnu", { profile: "quick" }).cargo.env).toMatchObject({
      CARGO_PROFILE_RELEASE_LTO: "off",
    });
    expect(plan("x86_64-unknown-linux-gnu").cargo.env).toMatchObject({ CARGO_PROFILE_RELEASE_LTO: "fat" });
  });

  it("reach cargo: offline, and the number of jobs", () => {
    const { args } = plan("x86_64-unknown-linux-gnu", { offline: true, jobs: 7 }).cargo;
    expect(args).toContain("--offline");
    expect(args[args.indexOf("--jobs") + 1]).toBe("7");
  });

  it("open cargo's std building only where std is built", () => {
    expect(plan("armv7-unknown-linux-musleabihf", {}, "build-std").cargo).toMatchObject({
      env: { RUSTC_BOOTSTRAP: "1" },
      args: expect.arrayContaining(["-Zbuild-std=std,panic_unwind"]) as unknown,
    });
    expect(plan("x86_64-unknown-linux-gnu").cargo.env).not.toHaveProperty("RUSTC_BOOTSTRAP");
  });

  it("without Node's headers make no addon", () => {
    const kinds = plan("x86_64-unknown-linux-gnu", { nodeApiHeaders: undefined }).outputs.map(
      ({ kind }) => kind,
    );
    expect(kinds).toEqual(["dynamic", "static"]);
  });
});

describe("a machine without a C compiler", () => {
  it("links the build scripts of crates with zig, and the target's own code as ever", () => {
    const bare = { ...linuxBox, hasCc: false };
    const toolchain = planToolchain(target("aarch64-unknown-linux-gnu"), bare);
    if (toolchain.kind === "unsupported") throw new Error(toolchain.reason);
    const { env } = planBuild(project, toolchain, "installed", bare, foldersOf(project, {}), settings).cargo;
    expect(env?.["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"]).toMatch(/host-tools\/host-cc$/);
    expect(env?.["CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER"]).toMatch(/tools\/cc$/);
    expect(plan("aarch64-unknown-linux-gnu").cargo.env).not.toHaveProperty(
      "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
    );
  });
});

describe("the distribution's compiler", () => {
  it("builds the std from its own sources, whose folder no library may name", () => {
    const distribution = {
      program: "/usr/bin/rustc",
      version: "rustc 1.96.0",
      commit: "abc",
      sysroot: "/usr",
      hasSource: true,
    };
    const facts = { ...linuxBox, distribution };
    const toolchain = planToolchain(target("aarch64-unknown-linux-gnu"), facts);
    if (toolchain.kind === "unsupported") throw new Error(toolchain.reason);
    const { env } = planBuild(
      project,
      toolchain,
      "distribution",
      facts,
      foldersOf(project, {}),
      settings,
    ).cargo;
    expect(env).toMatchObject({ RUSTC: "/usr/bin/rustc", RUSTC_BOOTSTRAP: "1" });
    expect(env?.["CARGO_ENCODED_RUSTFLAGS"]).toContain("=/usr/lib/rustlib/src/rust=/rustc/abc");
  });
});

describe("the addon", () => {
  it("holds the library itself and says so to the header", () => {
    const args = plan("x86_64-unknown-linux-gnu").addon[0]?.args ?? [];
    expect(args).toContain("-DTINY_STATIC");
    expect(args.some((word) => word.endsWith("/libtiny.a"))).toBe(true);
    expect(args.some((word) => word.startsWith("-Wl,--version-script=") && word.endsWith("/addon.map"))).toBe(
      true,
    );
  });

  it("gets Node's functions from node.exe on Windows", () => {
    const [first, second, link] = plan("x86_64-pc-windows-gnullvm").addon;
    expect([first, second].map((command) => command?.args.includes("node.exe"))).toEqual([true, true]);
    expect(link?.args.filter((word) => /\/(js_native|node)_api\.a$/.test(word))).toHaveLength(2);
  });

  it("is linked on macOS by the linker that honours export lists", () => {
    const [, link] = plan("aarch64-apple-darwin").addon;
    expect(link?.program).toMatch(/lld$/);
    expect(link?.args).toContain("-exported_symbols_list");
  });
});
