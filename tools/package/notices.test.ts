// Facts about third-party notices: a crate without a licence stops the packaging, and the committed texts fit the toolchain.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import type { Process } from "../shared/process.ts";
import { linkedCrates, parseTree, type LinkedCrate } from "./linked-crates.ts";
import { platformComponents, readNotice } from "./platform-components.ts";
import { host, packageContext } from "./tally-fixture.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "notices-"))));
afterEach(() => rmSync(folder, { recursive: true }));

describe("a linked crate", () => {
  it("passes on its MIT text and leaves the longer alternative away", async () => {
    writeFileSync(join(folder, "LICENSE-MIT"), "mit\r\ntext");
    writeFileSync(join(folder, "LICENSE-APACHE"), "apache");
    writeFileSync(join(folder, "NOTICE"), "notice");
    const [crate] = await crates("MIT OR Apache-2.0");
    expect(crate?.texts).toEqual([
      { fileName: "LICENSE-MIT", text: "mit\ntext" },
      { fileName: "NOTICE", text: "notice" },
    ]);
  });

  it("without a licence text stops the packaging", async () => {
    await expect(crates("MIT")).rejects.toMatchObject({ code: "missing-licence", family: "finding" });
  });

  it("without a declared licence stops the packaging", async () => {
    writeFileSync(join(folder, "LICENSE"), "text");
    await expect(crates(null)).rejects.toThrow(/demo 1.0.0 declares no licence/);
  });
});

it("cargo's tree is read with its marks", () => {
  const tree = "own v0.1.0 (/x/own)\ndemo v1.0.0\nmeta v2.0.0+spec-1.1.0 (*)\n\n";
  expect(parseTree(tree)).toEqual(["own@0.1.0", "demo@1.0.0", "meta@2.0.0+spec-1.1.0"]);
});

it("every target names the Rust standard library, and every component has its text", async () => {
  for (const target of targets) {
    const components = platformComponents(target);
    expect(components[0]?.name).toMatch(/^Rust standard library/);
    for (const component of components) expect((await readNotice(component)).length).toBeGreaterThan(500);
  }
});

it("the standard library's notice is that of the pinned toolchain", async () => {
  const pinned = /channel = "([^"]+)"/.exec(
    readFileSync(join(import.meta.dirname, "../../rust-toolchain.toml"), "utf8"),
  );
  const [std] = platformComponents(host);
  if (std === undefined) throw new Error("no component");
  expect(std.name).toBe(`Rust standard library ${pinned?.[1]}`);
  expect(await readNotice(std)).toContain(`The Rust Standard Library ${pinned?.[1]}`);
});

/** Answers as cargo does for one crate whose source is the test's folder. */
async function crates(license: string | null): Promise<LinkedCrate[]> {
  const crate = {
    name: "demo",
    version: "1.0.0",
    license,
    source: "registry",
    manifest_path: join(folder, "Cargo.toml"),
  };
  const process: Process = {
    run: (command) => {
      const stdout = command.args[0] === "tree" ? "demo v1.0.0\n" : JSON.stringify({ packages: [crate] });
      return Promise.resolve({
        command,
        code: 0,
        signal: null,
        timedOut: false,
        stdout,
        stderr: "",
        durationMs: 0,
      });
    },
  };
  return linkedCrates(host, { ...(await packageContext(folder)), process });
}
