// Facts about the npm package of the web: what it holds, that packing gives the same bytes again, and what is refused.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { project } from "../../nnrp.project.ts";
import type { WebCrate, WebPackage } from "../shared/project.ts";
import { systemProcess } from "../shared/process.ts";
import type { PackageContext } from "./context.ts";
import { packageWeb } from "./package-web.ts";
import type { PackageFile } from "./package.ts";
import { builtLibrary, targetOf } from "./tally-fixture.ts";

const target = targetOf("wasm32-unknown-unknown");
const crate = project.wasm as WebCrate;
const web = crate.npm as WebPackage;

let folder: string;
let packed: PackageFile;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "web-package-"));
  // The smallest module: magic and version.
  writeFileSync(join(folder, "nnrp_wasm.wasm"), Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  packed = await pack(join(folder, "once"), web);
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function pack(packagesDirectory: string, of: WebPackage): Promise<PackageFile> {
  const context: PackageContext = {
    ...{ project, process: systemProcess, packagesDirectory },
    ...{ sourceDateEpoch: 1_700_000_000, abi: { version: "0.0.0", hash: "" } },
  };
  const module = builtLibrary("dynamic", folder, "nnrp_wasm.wasm");
  return packageWeb(target, module, crate, of, "notices\n", context);
}

function member(path: string): string {
  return execFileSync("tar", ["-xzOf", packed.path, `package/${path}`], { encoding: "utf8" });
}

it("holds the module, its glue, its types, and nothing of the source tree's own", () => {
  const names = execFileSync("tar", ["-tzf", packed.path], { encoding: "utf8" }).trim().split("\n");
  const top = names.filter((name) => !name.includes("/lib/")).map((name) => name.replace("package/", ""));
  expect(top).toEqual([
    ...["LICENSE", "README.md", "THIRD-PARTY-NOTICES.txt", "api.d.ts", "api.js", "manifest.json"],
    ...["manual.d.ts", "manual.js", "nnrp_wasm.d.ts", "nnrp_wasm.js", "nnrp_wasm.wasm", "package.json"],
  ]);
  expect(names.filter((name) => !/\.(d\.ts|js)$/.test(name) && name.includes("/lib/"))).toEqual([]);
  const manifest = JSON.parse(member("package.json")) as Record<string, unknown>;
  expect(manifest["scripts"]).toBeUndefined();
  expect(packed.fileName).toBe("nnrp-wasm-0.1.0.tgz");
});

it("has the manifest whose keys hosts know", () => {
  expect(Object.entries(JSON.parse(member("manifest.json")) as object)).toEqual([
    ["package", "nnrp-wasm"],
    ["wasm", "nnrp_wasm.wasm"],
    ["types", "nnrp_wasm.d.ts"],
    ["owner", web.owner],
    ["downstream_wrapper", "@nnrp/wasm"],
    [
      "exports",
      [
        ...["nnrp_wasm_protocol_major", "nnrp_wasm_wire_format"],
        ...["selectTransportWithProbeJson", "scoreProviderProbeJson"],
      ],
    ],
  ]);
});

it("has the same bytes when packed again", async () => {
  const again = await pack(join(folder, "again"), web);
  expect(readFileSync(again.path).equals(readFileSync(packed.path))).toBe(true);
}, 600_000);

it("is refused when the module is larger than its budget", async () => {
  const refused = pack(join(folder, "refused"), { ...web, mostBytes: 7 });
  await expect(refused).rejects.toMatchObject({ code: "web-module-too-large" });
});
