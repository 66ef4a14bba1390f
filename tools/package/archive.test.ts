// Facts about the archives: the same bytes wherever they are written, and files that system tools unpack.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ArchiveEntry } from "./archive-entry.ts";
import { sha256Of } from "../shared/digest.ts";
import { tarGz } from "./tar-archive.ts";
import { zip } from "./zip-archive.ts";

const epoch = 1_700_000_000;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const entries: readonly ArchiveEntry[] = [
  { path: "demo/lib/libdemo.so", bytes: encode("library"), executable: true },
  { path: "demo/LICENSE", bytes: encode("licence"), executable: false },
  { path: "demo/include/demo.h", bytes: new Uint8Array(100_000).fill(65), executable: false },
];

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "archive "))));
afterEach(() => rmSync(folder, { recursive: true }));

describe.each([
  { format: "tar.gz", pack: tarGz },
  { format: "zip", pack: zip },
])("$format", ({ format, pack }) => {
  it("does not depend on the order of the entries", () => {
    expect(sha256Of(pack([...entries].reverse(), epoch))).toBe(sha256Of(pack(entries, epoch)));
  });

  it("is the same in another folder, time zone and umask", () => {
    const here = sha256Of(pack(entries, epoch));
    const zones = ["Pacific/Auckland", "America/St_Johns", "Asia/Kathmandu", "UTC"];
    expect(zones.map((zone) => packElsewhere(format, zone))).toEqual(zones.map(() => here));
  });

  it("unpacks with the system's own tool: content, modes and one top folder", () => {
    const file = join(folder, `demo.${format}`);
    writeFileSync(file, pack(entries, epoch));
    unpack(format, file);
    expect(readFileSync(join(folder, "demo/LICENSE"), "utf8")).toBe("licence");
    expect(statSync(join(folder, "demo/include/demo.h")).size).toBe(100_000);
    expect(statSync(join(folder, "demo/lib/libdemo.so")).mode & 0o777).toBe(0o755);
    expect(statSync(join(folder, "demo/LICENSE")).mode & 0o777).toBe(0o644);
  });

  it.each(["/etc/passwd", "../up", "a/../../up", "C:/x", "a\\b", "sp ace", "a//b", "x".repeat(101), ""])(
    "refuses the name %j",
    (path) => {
      expect(() => pack([{ path, bytes: encode(""), executable: false }], epoch)).toThrow(/archive entry/);
    },
  );

  it("refuses two names that are one file where case does not count", () => {
    const twins = ["a/README", "a/readme"].map((path) => ({ path, bytes: encode(path), executable: false }));
    expect(() => pack(twins, epoch)).toThrow(/same file as/);
  });
});

it("a .tar.gz names no operating system, no owner, and the time it was given", () => {
  const packed = tarGz(entries, epoch);
  expect(packed.subarray(4, 8)).toEqual(new Uint8Array(4));
  expect(packed[9]).toBe(255);
  const file = join(folder, "demo.tar.gz");
  writeFileSync(file, packed);
  const listing = execFileSync("tar", ["-tvzf", file, "--numeric-owner", "--utc"], { encoding: "utf8" });
  const lines = listing.trim().split("\n");
  expect(lines).toHaveLength(entries.length);
  for (const line of lines) expect(line).toMatch(/^-rw.r-.r-. 0\/0 +\d+ 2023-11-14 22:13/);
});

/** Packs in a process of its own: other folder, zone and umask. */
function packElsewhere(format: string, zone: string): string {
  const module = JSON.stringify(
    join(import.meta.dirname, format === "zip" ? "zip-archive.ts" : "tar-archive.ts"),
  );
  const call = format === "zip" ? "zip" : "tarGz";
  const data = entries.map((entry) => ({ ...entry, bytes: Buffer.from(entry.bytes).toString("base64") }));
  const script = `
    import { createHash } from "node:crypto";
    import { ${call} } from ${module};
    process.umask(0o077);
    const entries = ${JSON.stringify(data)}.map((entry) => ({ ...entry, bytes: Buffer.from(entry.bytes, "base64") }));
    console.log(createHash("sha256").update(${call}(entries, ${epoch})).digest("hex"));`;
  writeFileSync(join(folder, "pack.mts"), script);
  const tsx = join(import.meta.dirname, "../../node_modules/tsx/dist/cli.mjs");
  const options = { cwd: folder, env: { ...process.env, TZ: zone }, encoding: "utf8" } as const;
  return execFileSync(process.execPath, [tsx, "pack.mts"], options).trim();
}

function unpack(format: string, file: string): void {
  const [program, args] =
    format === "zip" ? ["unzip", ["-q", file, "-d", folder]] : ["tar", ["-xzf", file, "-C", folder]];
  execFileSync(program, args);
}
