// Which library is loaded, and what is said about one that is missing, foreign or of another version.
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NnrpLoadError } from "../src/errors.ts";
import { nativeLibrary } from "../src/facts.ts";
import { loadLibrary } from "../src/load.ts";
import { abi } from "../src/native/addon.g.ts";
import { currentPlatform, platformPackage } from "../src/platform.ts";
import { compileAddon, hostAddon } from "./host-addon.ts";

const scratch = mkdtempSync(join(tmpdir(), "nnrp-load-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let addon = "";
beforeAll(() => {
  addon = hostAddon();
});

function refusal(path: string): NnrpLoadError {
  try {
    loadLibrary(path);
  } catch (error) {
    if (error instanceof NnrpLoadError) return error;
    throw error;
  }
  throw new Error(`${path} was loaded`);
}

test("the loaded library describes itself", () => {
  const facts = nativeLibrary(addon);
  expect(facts.path).toBe(addon);
  expect(facts.abiHash).toBe(abi.hash);
  expect(facts.abiVersion).toBe(abi.version);
  expect(facts.abiHashAt(abi.minor + 1)).toBeNull();
  expect(JSON.parse(facts.buildInfo)).toMatchObject({ abi_hash: abi.hash });
});

test("an addon of another header model is refused with both hashes, versions and files", () => {
  const other = "f".repeat(64);
  const source = join(scratch, "addon.c");
  const text = readFileSync(join(import.meta.dirname, "../native/addon.g.c"), "utf8");
  writeFileSync(source, text.replace(abi.hash, other));
  const output = join(scratch, "doctored.node");
  compileAddon({ source, output });
  const error = refusal(output);
  expect(error.code).toBe("NNRP_LOAD_ABI_MISMATCH");
  for (const part of [abi.hash, other, output, "load.ts", "ABI 2.1.0", "npm install"])
    expect(error.message).toContain(part);
});

test("a library with another hash is refused", () => {
  const doctored = join(scratch, "library.node");
  const bytes = readFileSync(addon);
  const other = "e".repeat(64);
  // The addon's own copy of the hash stays; the ones of the library, which were compiled by another compiler, are changed.
  const source = join(scratch, "own.c");
  const text = readFileSync(join(import.meta.dirname, "../native/addon.g.c"), "utf8");
  const mark = "d".repeat(64);
  writeFileSync(source, text.replace(abi.hash, mark));
  const output = join(scratch, "marked.node");
  compileAddon({ source, output });
  const marked = readFileSync(output);
  replaceAll(marked, abi.hash, other);
  replaceAll(marked, mark, abi.hash);
  expect(marked.byteLength).toBeGreaterThan(bytes.byteLength / 2);
  writeFileSync(doctored, marked);
  const error = refusal(doctored);
  expect(error.code).toBe("NNRP_LOAD_ABI_MISMATCH");
  expect(error.message).toContain(`library in it ABI 2.1.0, hash ${other}`);
});

test("a foreign addon is told apart", () => {
  const source = join(scratch, "foreign.c");
  writeFileSync(
    source,
    "#define NAPI_VERSION 8\n#include <node_api.h>\nNAPI_MODULE_INIT() { (void)env; return exports; }\n",
  );
  const output = join(scratch, "foreign.node");
  compileAddon({ source, output });
  expect(refusal(output).code).toBe("NNRP_LOAD_FOREIGN_ADDON");
});

test("a missing file is named, with every way to get one", () => {
  const missing = join(scratch, "missing.node");
  const error = refusal(missing);
  expect(error.code).toBe("NNRP_LOAD_NOT_FOUND");
  expect(error.message).toContain(`${missing}: no such file`);
  expect(error.message).toContain(`npm install ${platformPackage("@nnrp/native", currentPlatform())}`);
  expect(error.message).toContain("NNRP_NATIVE_LIBRARY");
});

test("without any library the message lists every candidate and why it was not taken", () => {
  const lonely = join(scratch, "lonely");
  const root = join(import.meta.dirname, "../../..");
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const config = join(import.meta.dirname, "../tsconfig.build.json");
  execFileSync(process.execPath, [compiler, "-p", config, "--outDir", join(lonely, "dist")]);
  writeFileSync(join(lonely, "package.json"), '{"type":"module"}');
  const program =
    'import("./dist/index.js").then((nnrp) => nnrp.connect("nnrp+mem://x")).catch((e) => console.log(e.code, e.message))';
  const environment = { ...process.env };
  delete environment["NNRP_NATIVE_LIBRARY"];
  const child = spawnSync(process.execPath, ["-e", program], {
    cwd: lonely,
    env: environment,
    encoding: "utf8",
  });
  expect(child.stdout).toContain("NNRP_LOAD_NOT_FOUND");
  expect(child.stdout).toContain(
    `${platformPackage("@nnrp/native", currentPlatform())}: the package is not installed`,
  );
  expect(child.stdout).toContain("build/nnrp.node: no such file");
  expect(child.stdout).toContain("build/Release/nnrp.node: no such file");
  // The same files with the platform package beside them find it.
  const folder = join(lonely, "node_modules", platformPackage("@nnrp/native", currentPlatform()));
  mkdirSync(folder, { recursive: true });
  copyFileSync(addon, join(folder, "nnrp.node"));
  expect(existsSync(folder)).toBe(true);
  const report = 'import("./dist/index.js").then((nnrp) => console.log(nnrp.nativeLibrary().path))';
  const second = spawnSync(process.execPath, ["-e", report], {
    cwd: lonely,
    env: environment,
    encoding: "utf8",
  });
  expect(second.stdout.trim()).toBe(join(folder, "nnrp.node"));
});

test("platform packages are named by system, processor and C library", () => {
  expect(platformPackage("@nnrp/native", { os: "linux", cpu: "x64", libc: "musl" })).toBe(
    "@nnrp/native-linux-x64-musl",
  );
  expect(platformPackage("@nnrp/native", { os: "linux", cpu: "arm64", libc: "glibc" })).toBe(
    "@nnrp/native-linux-arm64",
  );
  expect(platformPackage("@nnrp/native", { os: "win32", cpu: "x64", libc: undefined })).toBe(
    "@nnrp/native-win32-x64",
  );
});

function replaceAll(bytes: Buffer, from: string, to: string): void {
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from)) bytes.write(to, at, "latin1");
}
