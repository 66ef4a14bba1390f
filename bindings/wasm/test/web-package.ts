// Builds the module of the checkout and compiles the glue to a folder of its own: the package as a host finds it.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { project } from "../../../nnrp.project.ts";

const root = project.root;

let module: string | undefined;
let folder: string | undefined;

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Path of the module, brought up to date. */
export function webModule(): string {
  if (module !== undefined) return module;
  const target = "wasm32-unknown-unknown";
  execFileSync("cargo", ["build", "--quiet", "-p", "nnrp-wasm", "--target", target], {
    cwd: root,
    stdio: "inherit",
  });
  module = join(process.env["CARGO_TARGET_DIR"] ?? join(root, "target"), target, "debug/nnrp_wasm.wasm");
  return module;
}

export function webModuleBytes(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(webModule()));
}

/** A folder with the package: gone when the tests of the file have run. */
export function webPackage(): string {
  if (folder !== undefined) return folder;
  const made = mkdtempSync(join(tmpdir(), "nnrp-web-"));
  folder = made;
  const config = join(root, "bindings/wasm/tsconfig.build.json");
  execFileSync("npx", ["--no-install", "tsc", "-p", config, "--outDir", made], { cwd: root, stdio: "pipe" });
  copyFileSync(webModule(), join(made, "nnrp_wasm.wasm"));
  copyFileSync(join(root, "bindings/wasm/package.json"), join(made, "package.json"));
  return made;
}
