// Facts about the npm packages: what they hold, whom npm gives them to, and what is refused.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import type { Artifact } from "../build/artifact.ts";
import { npmFileName, platformPackageName } from "./npm-names.ts";
import { packageNpm } from "./package-npm.ts";
import { packageNpmPlatform } from "./npm-platform.ts";
import type { PackageFile } from "./package.ts";
import { buildTally, compiler, host, packageContext, tally } from "./tally-fixture.ts";

let folder: string;
let artifact: Artifact;
let root: PackageFile;
let platform: PackageFile;

beforeAll(async () => {
  if (!compiler.isPresent) return;
  folder = mkdtempSync(join(tmpdir(), "npm-"));
  artifact = buildTally();
  const context = await packageContext(folder);
  root = await packageNpm(targets, context);
  platform = await packageNpmPlatform(host, addonOf(artifact), "notices\n", context);
});
afterAll(() => {
  if (compiler.isPresent) rmSync(folder, { recursive: true });
});

describe.skipIf(!compiler.isPresent)(`the root package (${compiler.install})`, () => {
  it("holds the compiled files, README, licence, and nothing of the source tree's own", () => {
    expect(list(root)).toEqual([
      "package/LICENSE",
      "package/README.md",
      "package/dist/index.d.ts",
      "package/dist/index.js",
      "package/package.json",
    ]);
    const manifest = manifestOf(root);
    expect(manifest["scripts"]).toBeUndefined();
    expect(manifest["devDependencies"]).toBeUndefined();
  });

  it("names every platform of the table at exactly its own version", () => {
    const platforms = manifestOf(root)["optionalDependencies"] as Record<string, string>;
    const expected = targets.flatMap(({ node }) =>
      node === undefined ? [] : [platformPackageName("@tally/native", node)],
    );
    expect(Object.keys(platforms)).toEqual([...expected].sort());
    expect(new Set(Object.values(platforms))).toEqual(new Set(["0.3.1"]));
    expect(Object.keys(platforms)).toContain("@tally/native-linux-x64-musl");
  });

  it("has the same bytes when packed again", async () => {
    const again = await packageNpm(targets, await packageContext(join(folder, "again")));
    expect(again.sha256).toBe(root.sha256);
  });

  it("is compiled outside the source tree, and leaves nothing behind", async () => {
    const copy = join(folder, "compiled");
    cpSync(tally.root, copy, { recursive: true });
    const script = `require("node:fs").cpSync("dist", process.argv.at(-1), { recursive: true });
      require("node:fs").appendFileSync(process.argv.at(-1) + "/index.js", "// compiled");`;
    writeFileSync(join(copy, "node/compile.cjs"), script);
    const path = join(copy, "node/package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    writeFileSync(
      path,
      JSON.stringify({ ...manifest, main: "./dist/index.js", scripts: { build: "node compile.cjs" } }),
    );
    const before = readFileSync(join(copy, "node/dist/index.js"), "utf8");
    const output = join(folder, "compiled packages");
    const context = { ...(await packageContext(output)), project: { ...tally, root: copy } };
    const packed = await packageNpm(targets, context);
    const args = ["-xzOf", packed.path, "package/dist/index.js"];
    expect(execFileSync("tar", args, { encoding: "utf8" })).toBe(`${before}// compiled`);
    expect(readFileSync(join(copy, "node/dist/index.js"), "utf8")).toBe(before);
    expect(readdirSync(output)).toEqual([packed.fileName]);
  });

  it("is refused when its package.json has another version than the project", async () => {
    const copy = join(folder, "copy");
    cpSync(tally.root, copy, { recursive: true });
    const path = join(copy, "node/package.json");
    writeFileSync(path, readFileSync(path, "utf8").replace("0.3.1", "0.3.2"));
    const context = { ...(await packageContext(folder)), project: { ...tally, root: copy } };
    await expect(packageNpm(targets, context)).rejects.toMatchObject({ code: "npm-root-mismatch" });
  });

  it("is refused when a published file is missing, and when its build fails", async () => {
    const copy = join(folder, "broken");
    cpSync(tally.root, copy, { recursive: true });
    const path = join(copy, "node/package.json");
    const text = readFileSync(path, "utf8");
    const context = { ...(await packageContext(folder)), project: { ...tally, root: copy } };
    const manifest = JSON.parse(text) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ ...manifest, files: ["dist", "absent"] }));
    await expect(packageNpm(targets, context)).rejects.toMatchObject({ code: "npm-file-missing" });
    writeFileSync(path, text.replace("--check dist/index.js", "--check dist/absent.js"));
    await expect(packageNpm(targets, context)).rejects.toMatchObject({ code: "npm-build-failed" });
  });
});

describe.skipIf(!compiler.isPresent)(`a platform package (${compiler.install})`, () => {
  it("holds the addon as its main file, with licence and notices", () => {
    expect(list(platform)).toEqual([
      "package/LICENSE",
      "package/README.md",
      "package/THIRD-PARTY-NOTICES.txt",
      "package/package.json",
      "package/tally.node",
    ]);
    expect(manifestOf(platform)["main"]).toBe("tally.node");
  });

  it("says on which system, processor and C library it runs", () => {
    const { os, cpu, libc, engines, license, repository } = manifestOf(platform);
    expect({ os, cpu, libc, license }).toEqual({
      os: ["linux"],
      cpu: [process.arch],
      libc: ["glibc"],
      license: "Apache-2.0",
    });
    expect(engines).toEqual({ node: ">=20.19" });
    expect(repository).toMatchObject({ type: "git" });
  });

  it("is refused for a target on which Node does not run", async () => {
    const ios = targets.find(({ family }) => family === "ios");
    if (ios === undefined) throw new Error("no iOS target");
    const packed = packageNpmPlatform(ios, addonOf(artifact), "", await packageContext(folder));
    await expect(packed).rejects.toMatchObject({ code: "no-node-platform" });
  });
});

it("packages are called as npm calls them", () => {
  expect(npmFileName("@scope/name-linux-x64", "1.0.0")).toBe("scope-name-linux-x64-1.0.0.tgz");
  expect(npmFileName("plain", "1.0.0-rc.1")).toBe("plain-1.0.0-rc.1.tgz");
});

function addonOf({ libraries }: Artifact): Artifact["libraries"][number] {
  const addon = libraries.find(({ kind }) => kind === "addon");
  if (addon === undefined) throw new Error("no addon");
  return addon;
}

function list({ path }: PackageFile): string[] {
  return execFileSync("tar", ["-tzf", path], { encoding: "utf8" }).trim().split("\n");
}

function manifestOf({ path }: PackageFile): Record<string, unknown> {
  const text = execFileSync("tar", ["-xzOf", path, "package/package.json"], { encoding: "utf8" });
  return JSON.parse(text) as Record<string, unknown>;
}
