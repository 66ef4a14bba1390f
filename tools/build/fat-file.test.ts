// Fat files, against llvm-lipo where it is installed and byte by byte everywhere.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Target } from "../matrix/target.ts";
import { targets } from "../matrix/targets.ts";
import { fatFile, type FatInput } from "./fat-file.ts";

const folder = mkdtempSync(join(tmpdir(), "fat-"));
afterAll(() => rmSync(folder, { recursive: true }));

function target(triple: string): Target {
  const found = targets.find((row) => row.triple === triple);
  if (found === undefined) throw new Error(triple);
  return found;
}

/** A Mach-O bundle of nothing but a header and a body. */
function bundle(triple: string, bodyBytes: number): FatInput {
  const bytes = Buffer.alloc(32 + bodyBytes, triple.startsWith("x86") ? 0xaa : 0xbb);
  const isX86 = triple.startsWith("x86");
  const header = [0xfeedfacf, isX86 ? 0x01000007 : 0x0100000c, isX86 ? 3 : 0, 8, 0, 0, 0, 0];
  header.forEach((word, index) => bytes.writeUInt32LE(word, index * 4));
  return { target: target(triple), bytes };
}

const x86 = bundle("x86_64-apple-darwin", 5000);
const arm = bundle("aarch64-apple-darwin", 7001);

describe("a fat file", () => {
  it("holds every slice unchanged at its processor's page", () => {
    const file = Buffer.from(fatFile([arm, x86]));
    expect(file.readUInt32BE(0)).toBe(0xcafebabe);
    expect(file.readUInt32BE(4)).toBe(2);
    const entries = [0, 1].map((index) =>
      [2, 3, 4].map((word) => file.readUInt32BE(8 + index * 20 + word * 4)),
    );
    expect(entries).toEqual([
      [0x1000, x86.bytes.length, 12],
      [0x4000, arm.bytes.length, 14],
    ]);
    expect(file.subarray(0x1000, 0x1000 + x86.bytes.length).equals(x86.bytes)).toBe(true);
    expect(file.subarray(0x4000).equals(arm.bytes)).toBe(true);
  });

  it("does not depend on the order in which the slices come", () => {
    expect(Buffer.compare(fatFile([arm, x86]), fatFile([x86, arm]))).toBe(0);
  });

  it("refuses a slice that is for another processor than its target", () => {
    const wrong = { target: arm.target, bytes: x86.bytes };
    expect(() => fatFile([x86, wrong])).toThrow(
      expect.objectContaining({
        code: "not-a-fat-slice",
        message: expect.stringContaining("aarch64") as unknown,
      }),
    );
    expect(() => fatFile([{ target: x86.target, bytes: new Uint8Array(3) }])).toThrow(/neither an archive/);
  });

  const lipo = ["llvm-lipo-22", "llvm-lipo"].find((name) => spawnSync(name, ["--version"]).status === 0);
  it.skipIf(lipo === undefined && process.env["FORBID_SKIPS"] !== "1")(
    "is the one that llvm-lipo writes (apt-get install llvm-22)",
    () => {
      const inputs = [x86, arm].map(({ bytes }, index) => {
        const path = join(folder, `slice-${index}.bundle`);
        writeFileSync(path, bytes);
        return path;
      });
      const output = join(folder, "fat.bundle");
      const made = spawnSync(lipo ?? "llvm-lipo", ["-create", ...inputs, "-output", output], {
        encoding: "utf8",
      });
      expect(made.stderr).toBe("");
      expect(Buffer.compare(fatFile([x86, arm]), readFileSync(output))).toBe(0);
    },
  );
});
