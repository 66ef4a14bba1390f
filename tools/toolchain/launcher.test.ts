// The launchers as cargo and the cc crate run them: what a real shell makes of real words.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { translate } from "./compiler-wrapper.ts";
import { launcherPath, writeLaunchers, type ToolLauncher } from "./launcher.ts";

let root: string;
let program: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "launcher's "));
  program = join(root, "prints its words");
  writeFileSync(program, '#!/bin/sh\nprintf "%s\\n" "$CACHE" "$@"\n');
  chmodSync(program, 0o755);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function launcher(rules: ToolLauncher["rules"], name: ToolLauncher["name"] = "cc"): ToolLauncher {
  const environment = { CACHE: "/it's a cache" };
  return { name, program, before: ["cc", "-target", "it's"], after: ["-g0"], rules, environment };
}

/** What the program got; the same where Node cannot be started tells that the shell did it alone. */
async function wordsOf(tool: ToolLauncher, args: readonly string[], hasNode = true): Promise<string[]> {
  const folder = join(root, `${tool.name} ${tool.rules} ${hasNode}`);
  const { execPath } = process;
  if (!hasNode) process.execPath = "/nowhere/node";
  await writeLaunchers(folder, [tool]).finally(() => (process.execPath = execPath));
  const { stdout } = spawnSync(launcherPath(folder, tool), args, { encoding: "utf8" });
  return stdout.split("\n").slice(0, -1);
}

const compile = [
  "-O3",
  "--target=x86_64-linux",
  "-march=armv7-a",
  "-m64",
  '-DX="a b"',
  "",
  "-c",
  "it's.c",
  "-o",
  "x.o",
];
const link = ["-m64", "a.o", "-lgcc_s", "-o", "libx.so"];

describe.skipIf(process.platform === "win32")("a launcher", { timeout: 60_000 }, () => {
  it.each(["zig-cc", "zig-cc-windows", "own-target", "plain"] as const)(
    "with the rules %s gives a compile the words of the wrapper, and starts no Node for it",
    async (rules) => {
      const expected = ["/it's a cache", ...translate(compile, launcher(rules))];
      expect(await wordsOf(launcher(rules), compile, false)).toEqual(expected);
    },
  );

  it.each(["zig-cc", "own-target"] as const)(
    "with the rules %s leaves a link to the wrapper",
    async (rules) => {
      const expected = ["/it's a cache", ...translate(link, launcher(rules))];
      expect(await wordsOf(launcher(rules), link)).toEqual(expected);
      expect(await wordsOf(launcher(rules), link, false)).toEqual([]);
    },
  );

  it("leaves a compile whose words take values to the wrapper", async () => {
    const args = ["-arch", "-c", "-c", "x.c"];
    expect(await wordsOf(launcher("zig-cc"), args)).toEqual([
      "/it's a cache",
      "cc",
      "-target",
      "it's",
      "-c",
      "x.c",
      "-g0",
    ]);
  });

  it("of an archiver starts no Node", async () => {
    const args = ["cqs", "lib x.a", "a.o"];
    expect(await wordsOf(launcher("plain", "ar"), args, false)).toEqual([
      ...["/it's a cache", "cc", "-target", "it's", ...args, "-g0"],
    ]);
  });

  it("is whole for whoever runs it while another build writes the same one", async () => {
    const folder = join(root, "shared");
    const tool = launcher("plain");
    await Promise.all(Array.from({ length: 8 }, () => writeLaunchers(folder, [tool])));
    expect(readdirSync(folder).sort()).toEqual(["cc", "cc.json", "compiler-wrapper.mjs"]);
  });
});
