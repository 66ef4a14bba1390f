// Toolchain plans: what each target is built with on a given machine, or why it cannot be.
import { describe, expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import type { Target } from "../matrix/target.ts";
import { linuxBox, pinnedRust } from "./fixtures.ts";
import { describeToolchain, planToolchain } from "./plan.ts";
import type { HostFacts, ToolchainPlan, Unsupported } from "./toolchain.ts";

function target(triple: string): Target {
  const found = targets.find((entry) => entry.triple === triple);
  if (found === undefined) throw new Error(triple);
  return found;
}

function supported(triple: string, facts: HostFacts = linuxBox): ToolchainPlan {
  const answer = planToolchain(target(triple), facts);
  if (answer.kind !== "supported") throw new Error(answer.reason);
  return answer;
}

function unsupported(triple: string, facts: HostFacts): Unsupported {
  const answer = planToolchain(target(triple), facts);
  if (answer.kind !== "unsupported") throw new Error(`${triple} has a plan`);
  return answer;
}

describe("planToolchain on a Linux box", () => {
  it("has a plan for every target", () => {
    const missing = targets.filter((row) => planToolchain(row, linuxBox).kind === "unsupported");
    expect(missing).toEqual([]);
  });

  it("makes of MSVC's libraries the static one alone without an SDK, and says so", () => {
    const plan = supported("x86_64-pc-windows-msvc");
    expect(plan.target.libraries).toEqual(["static"]);
    expect(plan.sysroot).toBe("none");
    expect(describeToolchain(plan, linuxBox)).toContain("static library only");
  });

  it("gives every target that is built from source a compiler and an archiver for C", () => {
    for (const row of targets.filter(({ slices }) => slices === undefined)) {
      const { compiler, archiver } = supported(row.triple);
      expect([row.triple, compiler?.name, archiver?.name]).toEqual([row.triple, "cc", "ar"]);
    }
  });

  it("makes a universal library of its slices, over stubs where one of them is", () => {
    const plan = supported("universal-apple-darwin");
    expect(plan.slices?.map((slice) => slice.target.triple)).toEqual([
      "x86_64-apple-darwin",
      "aarch64-apple-darwin",
    ]);
    expect(plan.sysroot).toBe("stub");
  });

  it("says which slice is missing", () => {
    const zig = { ...linuxBox.zig, state: { kind: "absent", reason: "no pip", remedy: "get pip" } as const };
    const answer = unsupported("universal-apple-darwin", { ...linuxBox, zig });
    expect(answer).toMatchObject({ reason: "needs x86_64-apple-darwin: no pip", remedy: "get pip" });
  });

  it("answers every target, with a reason and a remedy of one line where there is no plan", () => {
    const bare: HostFacts = { ...linuxBox, rust: undefined };
    for (const row of targets) {
      const { reason, remedy } = unsupported(row.triple, bare);
      expect(reason).not.toBe("");
      expect(remedy).toMatch(/^[^\n]+$/);
    }
  });

  it("links glibc targets against the floor of the table", () => {
    expect(supported("aarch64-unknown-linux-gnu").compiler?.before).toContain("aarch64-linux-gnu.2.17");
  });

  it("keeps the instruction level that Rust promises", () => {
    expect(supported("i686-unknown-linux-gnu").compiler?.before).toContain("-mcpu=pentium4");
    expect(supported("armv7-unknown-linux-gnueabihf").compiler?.before).toContain(
      "-mcpu=generic+v7a+vfp3d16+thumb2-neon",
    );
  });

  it("makes musl's shared library need the system's C library instead of carrying one", () => {
    expect(supported("x86_64-unknown-linux-musl").rustFlags).toContain("-Ctarget-feature=-crt-static");
  });

  it("compiles the x86 runtimes of Windows ahead of any link, from lean headers, for library and program", () => {
    for (const triple of ["x86_64-pc-windows-gnullvm", "i686-pc-windows-gnullvm"]) {
      const { generated, compiler } = supported(triple);
      expect(generated).toHaveLength(1);
      const commands = generated[0]?.recipe.commands ?? [];
      expect(generated[0]?.recipe.environment["CCC_OVERRIDE_OPTIONS"]).toContain("-DWIN32_LEAN_AND_MEAN=");
      expect(commands.map(({ args }) => args.includes("-shared"))).toEqual([true, false]);
      // zig's cache serves a link of the same target and optimisation alone.
      for (const { args } of commands)
        expect(args).toEqual(expect.arrayContaining([...(compiler?.before ?? [])]));
      expect(compiler?.environment).not.toHaveProperty("CCC_OVERRIDE_OPTIONS");
    }
    expect(supported("aarch64-pc-windows-gnullvm").generated).toEqual([]);
  });

  it("marks what is linked over stubs", () => {
    for (const triple of ["aarch64-apple-darwin", "aarch64-apple-ios", "aarch64-linux-android"])
      expect(supported(triple).sysroot).toBe("stub");
    expect(supported("x86_64-unknown-linux-gnu").sysroot).toBe("zig");
  });

  it("never names a launcher so that rustc takes it for another linker", () => {
    for (const row of targets) {
      const answer = planToolchain(row, linuxBox);
      if (answer.kind === "unsupported") continue;
      for (const launcher of [answer.compiler, answer.archiver, answer.lld])
        expect(launcher?.name ?? "cc").not.toMatch(/^(link|.*-ld)$/);
    }
  });

  it("gives Apple builds an SDK and a deployment target, so that nothing asks xcrun", () => {
    const { environment, generated } = supported("aarch64-apple-darwin");
    expect(environment["SDKROOT"]).toBe(generated[0]?.directory);
    expect(environment["MACOSX_DEPLOYMENT_TARGET"]).toBe("11.0");
    expect(supported("aarch64-apple-ios").environment["IPHONEOS_DEPLOYMENT_TARGET"]).toBe("13.0");
  });
});

describe("the Rust std", () => {
  it("is taken as it is where it is installed", () => {
    expect(supported("x86_64-unknown-linux-gnu").std).toEqual(["installed"]);
  });

  it("comes from rustup, then from its sources", () => {
    expect(supported("aarch64-unknown-linux-gnu").std).toEqual(["rustup", "build-std"]);
  });

  it("is built where rustup has no such target", () => {
    expect(supported("i686-pc-windows-gnullvm").std).toEqual(["build-std"]);
  });

  it("is not fetched with --offline, and the remedy says how to get it", () => {
    const answer = unsupported("aarch64-unknown-linux-gnu", { ...linuxBox, offline: true });
    expect(answer.reason).toContain("--offline");
    expect(answer.remedy).toBe(
      "rustup target add aarch64-unknown-linux-gnu || rustup component add rust-src",
    );
  });

  it("is never said to come from rustup where rustup does not know it", () => {
    const unlisted = unsupported("i686-pc-windows-gnullvm", { ...linuxBox, offline: true });
    expect(unlisted.remedy).toBe("rustup component add rust-src");
    const choose = (std: HostFacts["std"]): HostFacts => ({ ...linuxBox, std });
    expect(unsupported("i686-pc-windows-gnullvm", choose("installed")).remedy).toContain("--std build");
    const rust = { ...pinnedRust, hasRustup: false, rustupTargets: [] };
    expect(unsupported("aarch64-unknown-linux-gnu", { ...linuxBox, rust, offline: true }).remedy).toContain(
      "https://sh.rustup.rs",
    );
  });

  it("comes from the distribution's sources last of all", () => {
    const distribution = {
      program: "/usr/bin/rustc",
      version: "",
      commit: "",
      sysroot: "/usr",
      hasSource: true,
    };
    expect(supported("aarch64-unknown-linux-gnu", { ...linuxBox, distribution }).std).toEqual([
      "rustup",
      "build-std",
      "distribution",
    ]);
  });

  it("is the user's choice, and nothing else is tried then", () => {
    const choose = (std: HostFacts["std"]): HostFacts => ({ ...linuxBox, std });
    expect(supported("x86_64-unknown-linux-gnu", choose("build")).std).toEqual(["build-std"]);
    expect(supported("aarch64-unknown-linux-gnu", choose("rustup")).std).toEqual(["rustup"]);
    expect(unsupported("aarch64-unknown-linux-gnu", choose("installed"))).toMatchObject({
      reason: expect.stringContaining("--std installed adds none") as unknown,
      remedy: "rustup target add aarch64-unknown-linux-gnu",
    });
    expect(unsupported("i686-pc-windows-gnullvm", choose("rustup")).reason).toContain(
      "rustup has no Rust std",
    );
  });

  it("may be built from sources that are there with --offline", () => {
    const rust = { ...pinnedRust, hasSource: true };
    expect(supported("aarch64-unknown-linux-gnu", { ...linuxBox, offline: true, rust }).std).toEqual([
      "build-std",
    ]);
  });
});

describe("zig", () => {
  const fetchable: HostFacts = {
    ...linuxBox,
    zig: { ...linuxBox.zig, state: { kind: "fetchable", python: "python3" } },
  };

  it("is announced in the plan when it will be fetched", () => {
    const plan = supported("x86_64-unknown-linux-gnu", fetchable);
    expect(describeToolchain(plan, fetchable)).toContain("fetched with pip");
    expect(describeToolchain(plan, linuxBox)).not.toContain("pip");
  });

  it("is not fetched with --offline", () => {
    const answer = unsupported("x86_64-unknown-linux-gnu", { ...fetchable, offline: true });
    expect(answer.reason).toContain("--offline forbids");
  });

  it("is missing where there is no pip, and the remedy installs pip", () => {
    const state = { kind: "absent", reason: "no pip", remedy: "apt-get install python3-pip" } as const;
    const answer = unsupported("aarch64-linux-android", { ...linuxBox, zig: { ...linuxBox.zig, state } });
    expect(answer.remedy).toBe("apt-get install python3-pip");
  });
});
