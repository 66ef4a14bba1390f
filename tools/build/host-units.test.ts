// What cargo makes for the building machine, lent between real target directories.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostTriple, thisHost } from "../matrix/host.ts";
import { hostUnitsFolder, keepHostUnits, lendHostUnits } from "./host-units.ts";
import { linkerVariable } from "./plan.ts";

const host = hostTriple(thisHost());
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "host units "));
  file("Cargo.toml", manifest("user", '[dependencies]\nshout = { path = "shout" }\n'));
  file("src/lib.rs", "shout::shout!();\n");
  file("shout/Cargo.toml", manifest("shout", "[lib]\nproc-macro = true\n"));
  file(
    "shout/src/lib.rs",
    "#[proc_macro]\npub fn shout(_: proc_macro::TokenStream) -> proc_macro::TokenStream { Default::default() }\n",
  );
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function manifest(name: string, rest: string): string {
  return `[package]\nname = "${name}"\nversion = "0.0.0"\nedition = "2024"\n\n${rest}`;
}

function file(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

function folderOf(compiler: string, linker?: string, bootstrap?: string): Promise<string> {
  return hostUnitsFolder(root, { compiler, linker, bootstrap }, join(root, "Cargo.lock"));
}

/** What cargo says of each crate. */
function build(targetDirectory: string, linker?: string): string {
  const args = ["build", "--release", "--offline", "--verbose", "--target", host];
  const env = {
    ...process.env,
    ...(linker === undefined ? {} : { [linkerVariable(host)]: linker }),
    ...{ CARGO_TARGET_DIR: targetDirectory, CARGO_TERM_COLOR: "never" },
  };
  const exit = spawnSync("cargo", args, { cwd: root, env, encoding: "utf8" });
  if (exit.status !== 0) throw new Error(exit.stderr);
  return exit.stderr;
}

describe("units for the building machine", { timeout: 300_000 }, () => {
  it("are compiled for the first target and lent to the second", async () => {
    const [first, second] = [join(root, "first"), join(root, "second")];
    expect(build(first)).toContain("Compiling shout");
    const lent = await folderOf("rustc 1");
    await keepHostUnits(first, lent);
    await lendHostUnits(lent, second);
    const said = build(second);
    expect(said).toContain("Fresh shout");
    expect(said).toContain("Compiling user");
  });

  it("are lent only where the same program links them: cargo compiles others anew", async () => {
    const [ofHost, others, next] = [join(root, "host"), join(root, "others"), join(root, "next")];
    build(ofHost, "cc");
    await keepHostUnits(ofHost, await folderOf("rustc 4", "cc"));
    await lendHostUnits(await folderOf("rustc 4", "cc"), others);
    expect(build(others)).toContain("Compiling shout");
    await keepHostUnits(others, await folderOf("rustc 4"));
    await lendHostUnits(await folderOf("rustc 4"), next);
    expect(build(next)).toContain("Fresh shout");
    expect(await folderOf("rustc 4", undefined, "1")).not.toBe(await folderOf("rustc 4"));
  });

  it("of an older lock file give way to the later ones of the same compiler", async () => {
    const built = join(root, "third");
    mkdirSync(join(built, "release"), { recursive: true });
    const other = await folderOf("rustc 2");
    const older = await folderOf("rustc 1");
    await keepHostUnits(built, other);
    file("Cargo.lock", "# another lock file\n");
    const later = await folderOf("rustc 1");
    await keepHostUnits(built, later);
    expect([existsSync(older), existsSync(later), existsSync(other)]).toEqual([false, true, true]);
  });

  it("are whole or not there: two targets that finish together leave one copy and no rest", async () => {
    const built = join(root, "fourth");
    file("fourth/release/deps/unit", "x");
    const lent = await folderOf("rustc 3");
    await Promise.all([keepHostUnits(built, lent), keepHostUnits(built, lent)]);
    await lendHostUnits(lent, join(root, "fifth"));
    expect(readdirSync(join(root, "fifth/release/deps"))).toEqual(["unit"]);
    expect(readdirSync(dirname(lent)).filter((name) => name.includes("."))).toEqual([]);
  });
});
