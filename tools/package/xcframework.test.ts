// Facts about the XCFramework: its slices, its Info.plist, its module map, and that it is packed whole or not at all.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Artifact } from "../build/artifact.ts";
import { targets } from "../matrix/targets.ts";
import type { Project } from "../shared/project.ts";
import type { PackageContext } from "./context.ts";
import { packageXcframework } from "./package-xcframework.ts";
import type { PackageFile } from "./package.ts";
import { builtLibrary, packageContext, tally } from "./tally-fixture.ts";
import { frameworkSlices } from "./xcframework.ts";

const project: Project = tally;
const slices = frameworkSlices(targets);
const top = "Tally.xcframework";

let folder: string;
let artifacts: Artifact[];
let context: PackageContext;
let framework: PackageFile;
let swift: PackageFile;
let files: Record<string, Uint8Array>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "xcframework-"));
  artifacts = slices.flatMap((slice) => slice.targets).map(artifactOf);
  context = { ...(await packageContext(join(folder, "packages"))), project };
  const packed = await packageXcframework(artifacts, targets, context);
  [framework, swift] = packed as [PackageFile, PackageFile];
  files = unzipSync(readFileSync(framework.path));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An archive that holds the name of its target and nothing else. */
function artifactOf(target: Artifact["target"]): Artifact {
  const directory = join(folder, target.triple);
  mkdirSync(directory);
  writeFileSync(join(directory, "libtally.a"), `!<arch>\n${target.triple}\n`);
  return {
    target,
    directory,
    libraries: [builtLibrary("static", directory, "libtally.a")],
    provenance: {
      rustc: "rustc 1.95.0",
      std: "installed",
      linker: "none",
      cCompiler: "none",
      sysroot: "stub",
      profile: "release",
      gitCommit: "0".repeat(40),
      nativeStaticLibraries: ["-liconv", "-lSystem", "-lc", "-lm", "-framework Security"],
    },
  };
}

function textOf(path: string): string {
  return Buffer.from(files[`${top}/${path}`] ?? new Uint8Array()).toString("utf8");
}

describe("the XCFramework", () => {
  it("has a slice for devices, one for simulators and one for macOS, each under Xcode's name for it", () => {
    expect(slices.map(({ identifier }) => identifier)).toEqual([
      "ios-arm64",
      "ios-arm64_x86_64-simulator",
      "macos-arm64_x86_64",
    ]);
  });

  it("names in its Info.plist exactly the folders that it has, with their processors", () => {
    const plist = parsePlist(textOf("Info.plist"));
    expect(plist).toMatchObject({ CFBundlePackageType: "XFWK", XCFrameworkFormatVersion: "1.0" });
    const libraries = plist["AvailableLibraries"] as Record<string, unknown>[];
    expect(
      libraries.map((library) => [library["LibraryIdentifier"], library["SupportedArchitectures"]]),
    ).toEqual([
      ["ios-arm64", ["arm64"]],
      ["ios-arm64_x86_64-simulator", ["arm64", "x86_64"]],
      ["macos-arm64_x86_64", ["arm64", "x86_64"]],
    ]);
    expect(libraries.map((library) => library["SupportedPlatformVariant"])).toEqual([
      undefined,
      "simulator",
      undefined,
    ]);
    for (const library of libraries) {
      const identifier = library["LibraryIdentifier"] as string;
      expect(files).toHaveProperty([`${top}/${identifier}/${library["LibraryPath"] as string}`]);
      expect(files).toHaveProperty([`${top}/${identifier}/Headers/tally/tally.h`]);
    }
  });

  it("joins processors in fat files, and leaves a single one's archive as it is", () => {
    expect(textOf("ios-arm64/libtally.a")).toBe("!<arch>\naarch64-apple-ios\n");
    const fat = Buffer.from(files[`${top}/macos-arm64_x86_64/libtally.a`] ?? []);
    expect([fat.readUInt32BE(0), fat.readUInt32BE(4)]).toEqual([0xcafebabe, 2]);
    expect(fat.includes("x86_64-apple-darwin") && fat.includes("aarch64-apple-darwin")).toBe(true);
  });

  it("says in its manifest what was linked over stubs", () => {
    const manifest = JSON.parse(textOf("manifest.json")) as {
      slices: { targets: { triple: string; provenance: { sysroot: string } }[] }[];
    };
    const marked = manifest.slices.flatMap((slice) => slice.targets);
    expect(marked.map(({ provenance }) => provenance.sysroot)).toEqual(artifacts.map(() => "stub"));
  });

  it("has the same bytes when packed again, and the checksum that Package.swift names", async () => {
    const again = await packageXcframework([...artifacts].reverse(), targets, {
      ...context,
      packagesDirectory: join(folder, "again"),
    });
    expect(again[0]?.sha256).toBe(framework.sha256);
    const text = readFileSync(swift.path, "utf8");
    expect(text).toContain(`checksum: "${framework.sha256}"`);
    expect(text).toContain('platforms: [.iOS("13.0"), .macOS("10.12")]');
  });

  it("is not packed without one of its targets, nor for a project that names none", async () => {
    expect(await packageXcframework(artifacts.slice(1), targets, context)).toEqual([]);
    const without: Omit<Project, "xcframework"> & { xcframework?: string } = { ...tally };
    delete without.xcframework;
    expect(await packageXcframework(artifacts, targets, { ...context, project: without })).toEqual([]);
  });

  const clang = ["clang", "clang-22"].find((name) => spawnSync(name, ["--version"]).status === 0);
  it.skipIf(clang === undefined && process.env["FORBID_SKIPS"] !== "1")(
    "is a module to clang (apt-get install clang-22)",
    () => {
      const headers = join(folder, "unpacked", "Headers");
      for (const [path, bytes] of Object.entries(files)) {
        const inside = path.slice(`${top}/ios-arm64/`.length);
        if (!path.startsWith(`${top}/ios-arm64/Headers/`)) continue;
        mkdirSync(dirname(join(folder, "unpacked", inside)), { recursive: true });
        writeFileSync(join(folder, "unpacked", inside), bytes);
      }
      const source = join(folder, "import.m");
      writeFileSync(source, "@import tally;\nint main(void) { return (int)sizeof(&tally_add); }\n");
      const args = ["-fmodules", `-fmodules-cache-path=${join(folder, "modules")}`, "-I", headers];
      const made = spawnSync(clang ?? "clang", [...args, "-fsyntax-only", source], { encoding: "utf8" });
      expect(made.stderr).toBe("");
      expect(made.status).toBe(0);
    },
  );
});

type Plist = string | Plist[] | { [key: string]: Plist };

/** The few elements that such a file has. */
function parsePlist(xml: string): Record<string, unknown> {
  const tokens = [...xml.matchAll(/<(key|string)>([^<]*)<\/\1>|<(\/?)(dict|array)>/g)];
  let index = 0;
  const value = (): Plist => {
    const [, kind, content = "", , container] = tokens[index++] ?? [];
    if (kind !== undefined) return content;
    if (container === "array") {
      const items: Plist[] = [];
      while (tokens[index]?.[3] !== "/") items.push(value());
      index += 1;
      return items;
    }
    const members: Record<string, Plist> = {};
    while (tokens[index]?.[3] !== "/") {
      const key = tokens[index++]?.[2] ?? "";
      members[key] = value();
    }
    index += 1;
    return members;
  };
  return value() as Record<string, unknown>;
}
