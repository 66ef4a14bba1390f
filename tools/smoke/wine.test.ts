// Facts about prefixes, with the Wine of this machine.
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { systemProcess } from "../shared/process.ts";
import { openWine, type Wine } from "./wine.ts";
import type { WineRequest } from "./wine-prefix.ts";

const program = "/usr/lib/wine/wine64";
const zig = join(homedir(), ".cache/nnrp/zig-0.15.2/ziglang/zig");
const install =
  "apt-get install -y --no-install-recommends wine64 wine && npm run matrix -- --target x86_64-pc-windows-gnullvm";
const cacheDirectory = mkdtempSync(join(tmpdir(), "wine-test-"));
const request: WineRequest = {
  program,
  cacheDirectory,
  process: systemProcess,
  compiler: { program: zig, args: ["cc", "-target", "x86_64-windows-gnu"], name: "zig" },
};
afterAll(() => rmSync(cacheDirectory, { recursive: true }));

describe.skipIf(!existsSync(program) || !existsSync(zig))(`two runs at a time (${install})`, () => {
  it("have a prefix each: the end of one leaves the other's programs alone, and nothing stays but the template", async () => {
    const dead = join(cacheDirectory, "wine-run.4194304.1");
    writeFileSync(dead, "of a run that was killed");
    const first = await openWine(request);
    const second = await openWine(request);
    expect(existsSync(dead)).toBe(false);
    expect(first.env["WINEPREFIX"]).not.toBe(second.env["WINEPREFIX"]);
    const lasting = start(first, "ping -n 4 127.0.0.1");
    await start(second, "exit 0");
    await second.stop();
    expect((await lasting).code).toBe(0);
    await first.stop();
    expect(readdirSync(cacheDirectory).filter((name) => !name.startsWith("wine-template-wine-"))).toEqual([]);
  }, 240_000);

  it("share the system's files and nothing that a program writes", async () => {
    const wine = await openWine(request);
    const [template = ""] = readdirSync(cacheDirectory).filter((name) => name.startsWith("wine-template-"));
    const inodes = (path: string): number[] =>
      [join(cacheDirectory, template), wine.env["WINEPREFIX"] ?? ""].map(
        (prefix) => statSync(join(prefix, path)).ino,
      );
    const [system, registry] = ["drive_c/windows/system32/kernel32.dll", "system.reg"].map(inodes);
    expect(new Set(system).size).toBe(1);
    expect(new Set(registry).size).toBe(2);
    await wine.stop();
  }, 240_000);
});

async function start(wine: Wine, line: string): Promise<{ code: number | null }> {
  const args = ["cmd", "/c", line];
  return systemProcess.run({ program, args, env: wine.env, timeoutMs: 300_000 });
}
