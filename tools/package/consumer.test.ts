// Facts about a packed archive in the hands of C and C++ users, in a folder whose name has a space and an accent.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Artifact } from "../build/artifact.ts";
import { sha256Of } from "../shared/digest.ts";
import type { Manifest } from "./manifest.ts";
import { packageTarget } from "./package-target.ts";
import type { PackageFile } from "./package.ts";
import { buildTally, compiler, consumerDirectory, has, host, packageContext } from "./tally-fixture.ts";

let folder: string;
let artifact: Artifact;
let archive: PackageFile;
let unpacked: string;

beforeAll(async () => {
  if (!compiler.isPresent) return;
  folder = mkdtempSync(join(tmpdir(), "package-"));
  artifact = buildTally();
  archive = archiveOf(await packageTarget(artifact, await packageContext(join(folder, "packages"))));
  const odd = join(folder, "odd fôlder");
  mkdirSync(odd);
  execFileSync("tar", ["-xzf", archive.path, "-C", odd]);
  unpacked = join(odd, `tally-0.3.1-${host.triple}`);
});
afterAll(() => {
  if (compiler.isPresent) rmSync(folder, { recursive: true });
});

describe.skipIf(!compiler.isPresent)(`the archive (${compiler.install})`, () => {
  it("is one top folder with headers, libraries, pkg-config, CMake, licence, notices and manifest", () => {
    expect(readdirSync(join(unpacked, "..")).length).toBe(1);
    expect((readdirSync(unpacked, { recursive: true }) as string[]).sort()).toEqual([
      "LICENSE",
      "THIRD-PARTY-NOTICES.txt",
      "include",
      "include/tally",
      "include/tally/tally.h",
      "lib",
      "lib/cmake",
      "lib/cmake/tally",
      "lib/cmake/tally/tally-config-version.cmake",
      "lib/cmake/tally/tally-config.cmake",
      "lib/cmake/tally/tally-targets.cmake",
      "lib/libtally.a",
      "lib/libtally.so",
      "lib/pkgconfig",
      "lib/pkgconfig/tally.pc",
      "manifest.json",
    ]);
  });

  it("has the same bytes when packed again in another folder", async () => {
    const again = archiveOf(await packageTarget(artifact, await packageContext(join(folder, "other"))));
    expect(again.sha256).toBe(archive.sha256);
    expect(sha256Of(readFileSync(again.path))).toBe(archive.sha256);
  });

  it("carries a manifest that fits its schema and tells the truth about every file", () => {
    const manifest = JSON.parse(readFileSync(join(unpacked, "manifest.json"), "utf8")) as Manifest;
    expect(schemaErrors(manifest)).toEqual([]);
    expect(manifest.files.length).toBe(9);
    for (const file of manifest.files) {
      const bytes = readFileSync(join(unpacked, file.path));
      expect({ path: file.path, bytes: bytes.length, sha256: sha256Of(bytes) }).toEqual({
        path: file.path,
        bytes: file.bytes,
        sha256: file.sha256,
      });
    }
  });

  it("passes on the licence of the crate it contains and of the Rust standard library", () => {
    const notices = readFileSync(join(unpacked, "THIRD-PARTY-NOTICES.txt"), "utf8");
    expect(notices).toMatch(/bytes 1\.\d+\.\d+ \(MIT\)\n=+\n\nCopyright \(c\) 2018 Carl Lerche/);
    expect(notices).toContain("The Rust Project Developers");
    expect(notices).not.toContain("tally 0.3.1 (");
  });

  it("is not written when a library changed since it was built", async () => {
    const changed = artifact.libraries.map((library) => ({ ...library, sha256: "0".repeat(64) }));
    const context = await packageContext(join(folder, "changed"));
    await expect(packageTarget({ ...artifact, libraries: changed }, context)).rejects.toMatchObject({
      code: "library-changed",
    });
  });
});

describe.skipIf(!compiler.isPresent)(`a consumer in C and C++ (${compiler.install})`, () => {
  it("links by plain cc and c++, shared and static", () => {
    expect(runCompiled("cc", "main.c", [...flags(), "-L", lib(), "-ltally"])).toBe("42");
    expect(runCompiled("c++", "main.cpp", [...flags(), "-L", lib(), "-ltally"])).toBe("42");
    const archiveFlags = [join(lib(), "libtally.a"), "-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl"];
    expect(runCompiled("cc", "main.c", [...flags(), ...archiveFlags])).toBe("42");
  });

  it.skipIf(!has("pkg-config"))("links by pkg-config (apt-get install pkg-config)", () => {
    for (const [compiler, source] of [
      ["cc", "main.c"],
      ["c++", "main.cpp"],
    ] as const) {
      const words = pkgConfig(["--cflags", "--libs", "tally"]);
      expect(runCompiled(compiler, source, words)).toBe("42");
    }
    const privateWords = pkgConfig(["--static", "--libs", "tally"]);
    expect(privateWords).toEqual(expect.arrayContaining(["-lpthread", "-ldl"]));
    expect(pkgConfig(["--modversion", "tally"])).toEqual(["0.3.1"]);
  });

  it.skipIf(!has("cmake"))("links by CMake's find_package, shared and static (apt-get install cmake)", () => {
    const build = join(folder, "cmake build");
    const source = join(folder, "cmake source");
    mkdirSync(source);
    for (const name of readdirSync(consumerDirectory))
      copyFileSync(join(consumerDirectory, name), join(source, name));
    execFileSync("cmake", ["-S", source, "-B", build, `-DCMAKE_PREFIX_PATH=${unpacked}`], { stdio: "pipe" });
    execFileSync("cmake", ["--build", build], { stdio: "pipe" });
    for (const program of ["c-shared", "c-static", "cpp-shared", "cpp-static"])
      expect(execFileSync(join(build, program), { encoding: "utf8" }).trim()).toBe("42");
    expect(needed(join(build, "c-shared"))).toContain("[libtally.so]");
    expect(needed(join(build, "c-static"))).not.toContain("libtally");
  });

  it.skipIf(!has("cmake"))(
    "is told by CMake that another minor version does not fit (apt-get install cmake)",
    () => {
      const script = join(folder, "ask.cmake");
      const ask = (version: string): string => {
        writeFileSync(script, versionQuestion(version));
        return execFileSync("sh", ["-c", 'cmake -P "$0" 2>&1', script], { encoding: "utf8" }).trim();
      };
      expect([ask("0.3"), ask("0.3.1"), ask("0.3.2"), ask("0.2"), ask("0.30"), ask("1.0")]).toEqual([
        "TRUE",
        "TRUE TRUE",
        "FALSE",
        "FALSE",
        "FALSE",
        "FALSE",
      ]);
    },
  );
});

function archiveOf(files: readonly PackageFile[]): PackageFile {
  const archive = files.find(({ kind }) => kind === "archive");
  if (archive === undefined) throw new Error("no archive");
  return archive;
}

function versionQuestion(version: string): string {
  return [
    `set(PACKAGE_FIND_VERSION ${version})`,
    `include("${unpacked}/lib/cmake/tally/tally-config-version.cmake")`,
    'message("${PACKAGE_VERSION_COMPATIBLE} ${PACKAGE_VERSION_EXACT}")',
  ].join("\n");
}

function schemaErrors(manifest: Manifest): unknown[] {
  const require = createRequire(import.meta.url);
  const { Ajv } = require("ajv") as typeof import("ajv");
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, "manifest.schema.json"), "utf8"),
  ) as object;
  const ajv = new Ajv({ allErrors: true });
  ajv.validate(schema, manifest);
  return ajv.errors ?? [];
}

function flags(): string[] {
  return ["-I", join(unpacked, "include")];
}

function lib(): string {
  return join(unpacked, "lib");
}

function runCompiled(compiler: string, source: string, words: readonly string[]): string {
  const program = join(folder, `${source}-${words.length}`);
  execFileSync(compiler, [join(consumerDirectory, source), "-o", program, ...words, "-Wl,-rpath," + lib()]);
  return execFileSync(program, { encoding: "utf8" }).trim();
}

/** As a shell would split what pkg-config prints: backslashes protect spaces. */
function pkgConfig(args: readonly string[]): string[] {
  const env = { ...process.env, PKG_CONFIG_PATH: join(lib(), "pkgconfig") };
  const script = 'eval "set -- $(pkg-config "$@")"; for word; do printf "%s\\n" "$word"; done';
  return execFileSync("sh", ["-c", script, "sh", ...args], { env, encoding: "utf8" })
    .trim()
    .split("\n");
}

function needed(program: string): string {
  return execFileSync("readelf", ["-d", program], { encoding: "utf8" });
}
