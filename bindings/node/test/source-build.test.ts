// The way without a prebuilt addon: node-gyp builds it from the published files against an unpacked C package.
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hostLibrary } from "./host-addon.ts";

const packageFolder = join(import.meta.dirname, "..");
const root = join(packageFolder, "../..");
const scratch = mkdtempSync(join(tmpdir(), "nnrp-gyp-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Node's own headers, as its archives and packages install them: node-gyp would fetch them otherwise. */
const nodeFolder = dirname(dirname(process.execPath));

test("node-gyp builds an addon that loads, from the files that are published", (context) => {
  if (!existsSync(join(nodeFolder, "include/node/node_api.h"))) {
    context.skip(
      `no Node headers in ${nodeFolder}/include/node: install Node from its archive at nodejs.org/dist`,
    );
  }
  const unpacked = join(scratch, "nnrp");
  mkdirSync(join(unpacked, "lib"), { recursive: true });
  cpSync(join(root, "include"), join(unpacked, "include"), { recursive: true });
  copyFileSync(hostLibrary("libnnrp.a"), join(unpacked, "lib/libnnrp.a"));
  const folder = join(scratch, "package");
  copyPublished(folder);
  const gyp = join(root, "node_modules/node-gyp/bin/node-gyp.js");
  const words = ["rebuild", "--silent", `--nodedir=${nodeFolder}`, `--nnrp_dir=${unpacked}`];
  execFileSync(process.execPath, [gyp, ...words], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const program = 'import("./dist/index.js").then((nnrp) => console.log(nnrp.nativeLibrary().path))';
  const environment = { ...process.env };
  delete environment["NNRP_NATIVE_LIBRARY"];
  const child = spawnSync(process.execPath, ["-e", program], {
    cwd: folder,
    env: environment,
    encoding: "utf8",
  });
  expect(child.stderr).toBe("");
  expect(child.stdout.trim()).toBe(join(folder, "build/Release/nnrp.node"));
});

/** What `files` of package.json names, with the JavaScript compiled in place. */
function copyPublished(folder: string): void {
  const { files } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as {
    files: string[];
  };
  for (const name of files.filter((file) => file !== "dist")) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(packageFolder, name), join(folder, name));
  }
  writeFileSync(join(folder, "package.json"), readFileSync(join(packageFolder, "package.json")));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [
    compiler,
    "-p",
    join(packageFolder, "tsconfig.build.json"),
    "--outDir",
    join(folder, "dist"),
  ]);
}
