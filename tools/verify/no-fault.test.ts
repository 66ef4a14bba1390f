// What would be a fault elsewhere and is none where it stands: the gate holds its tongue there, and only there.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { corpusFile, fetchCommand } from "../inspect/corpus-cache.ts";
import { examine } from "./examine.ts";
import { readFixture } from "./mutation/fixture-artifact.ts";
import { goodBytes } from "./mutation/good-bytes.ts";
import { commandAt, loadCommand, sign } from "./mutation/macho-writer.ts";
import { replaceText } from "./mutation/mutation.ts";

const folder = mkdtempSync(join(tmpdir(), "no-fault-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function findings(name: string, bytes: Buffer | string, gate: string): Promise<string[]> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const examined = await examine(path);
  return examined.findings.filter((finding) => finding.gate === gate).map(({ evidence }) => evidence.value);
}

const cffi = { corpus: "cffi-macos-arm64", member: "_cffi_backend.cpython-311-darwin.so" };
const isHere = corpusFile(cffi.corpus) !== undefined || process.env["FORBID_SKIPS"] === "1";

describe.skipIf(!isHere)(`a Python module that is linked with Python's framework (${fetchCommand})`, () => {
  const linked = async (platform: number, framework: string): Promise<Buffer> => {
    const file = Buffer.from(await goodBytes(cffi));
    file.writeUInt32LE(platform, commandAt(file, loadCommand.buildVersion) + 8);
    // The command has 56 bytes, 24 of them before the name.
    const at = file.indexOf("/usr/lib/libSystem.B.dylib");
    file.fill(0, at, at + 32).write(framework, at, "latin1");
    return sign(file);
  };
  const python = "@rpath/Python.framework/Python";
  const name = "_module.cpython-313-iphoneos.so";

  test("is as it should be on an iPhone and in its simulator", async () => {
    expect(await findings(name, await linked(2, python), "macho-dependencies")).toEqual([]);
    expect(await findings(name, await linked(7, python), "macho-dependencies")).toEqual([]);
  });

  test("is wrong on a Mac, and so is another framework anywhere", async () => {
    expect(await findings(name, await linked(1, python), "macho-dependencies")).toEqual([python]);
    const other = "@rpath/Other.framework/Other";
    expect(await findings(name, await linked(2, other), "macho-dependencies")).toEqual([other]);
  });
});

describe("thread-local storage with a fixed place", () => {
  const build = (output: string, source: string, ...flags: readonly string[]): string => {
    const path = join(folder, output);
    execFileSync("gcc", ["-x", "c", "-", "-o", path, ...flags], { input: source });
    return path;
  };

  test("is a matter of libraries: a program has its own from the start", async () => {
    const user = `extern __thread int shared; int EXPORT(void) { return shared++; }`;
    const tls = ["-fPIC", "-ftls-model=initial-exec", `-L${folder}`];
    build("libshared.so", "__thread int shared;", "-shared", "-fPIC", "-Wl,-soname,libshared.so");
    const program = build("program", user, ...tls, "-DEXPORT=main", "-x", "none", "-lshared");
    const library = build("libuser.so", user, ...tls, "-DEXPORT=use", "-shared", "-x", "none", "-lshared");
    const gates = async (path: string): Promise<string[]> =>
      (await examine(path)).findings.map(({ gate }) => gate);
    expect(await gates(library)).toContain("elf-static-tls");
    expect(await gates(program)).not.toContain("elf-static-tls");
  });
});

test("the loader of 32-bit PowerPC goes by the name ld.so.1, and belongs to glibc", async () => {
  const file = readFixture("x86_64-unknown-linux-gnu").get("libfixture.so") ?? Buffer.alloc(0);
  replaceText(file, "libc.so.6\0", "ld.so.1\0\0\0");
  expect(await findings("libfixture.so", file, "elf-needed")).toEqual([]);
  expect(await findings("libfixture.so", file, "elf-libc")).toEqual([]);
});

test("a header that is not there is none of a module that the compiler leaves out", async () => {
  const include = join(folder, "include");
  mkdirSync(include);
  const map = 'module cl { requires opencl\n  header "cl.h" }\nmodule all { header "all.h" }\n';
  writeFileSync(join(include, "module.modulemap"), map);
  const { findings: found } = await examine(include);
  expect(found.map(({ gate, evidence }) => [gate, evidence.value])).toEqual([["module-map", "all.h"]]);
});

test("a path of the build machine is told from the text that stands before it", async () => {
  const file = readFixture("x86_64-unknown-linux-gnu").get("libfixture.so") ?? Buffer.alloc(0);
  const windows = String.raw`C:\Users\ann\.cargo\registry\src\x.rs`;
  const texts = ["modnarod", windows, "\0at ', /home/ann/src/y.rs:1\0"];
  const found = await findings(
    "libfixture.so",
    Buffer.concat([file, Buffer.from(texts.join(""))]),
    "build-paths",
  );
  expect(found).toEqual(["/home/ann/src/y.rs:1", windows]);
});
