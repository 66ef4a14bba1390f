// Facts about the Node that runs a platform's packages, asked of machines that are not this one.
import { expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import type { Target } from "../matrix/target.ts";
import { systemProcess } from "../shared/process.ts";
import type { Host } from "./host.ts";
import { chooseNode, hasNode } from "./node-program.ts";

const bare: Host = { platform: "linux", arch: "x64", exists: () => false, which: () => undefined };

it("exists for this platform, for ARM and for Windows, and for no other", () => {
  const found = targets
    .filter((target) => hasNode(target, { ...bare, arch: process.arch }))
    .map(({ triple }) => triple);
  expect(found).toEqual(expect.arrayContaining(["aarch64-unknown-linux-gnu", "x86_64-pc-windows-gnullvm"]));
  expect(found).not.toContain("i686-unknown-linux-musl");
  expect(found).not.toContain("riscv64gc-unknown-linux-gnu");
  expect(found).not.toContain("aarch64-apple-darwin");
});

it("is not fetched under --offline: the line that fetches it is named instead", async () => {
  for (const triple of ["aarch64-unknown-linux-gnu", "x86_64-pc-windows-gnullvm"]) {
    const choice = await choose(triple, bare);
    expect(choice).toMatchObject({ kind: "missing" });
    expect(JSON.stringify(choice)).toMatch(/npm install --force --no-save --prefix \/nonexistent\/node-/);
  }
});

it("is not looked for where no Node release exists", async () => {
  expect(await choose("i686-unknown-linux-gnu", bare)).toEqual({ kind: "impossible" });
  expect(await choose("aarch64-linux-android", bare)).toEqual({ kind: "impossible" });
});

async function choose(triple: string, host: Host): Promise<unknown> {
  const common = { cacheDirectory: "/nonexistent", offline: true, process: systemProcess };
  return chooseNode({ ...common, target: targetOf(triple), host: { ...host, arch: "none" } });
}

function targetOf(triple: string): Target {
  const target = targets.find((item) => item.triple === triple);
  if (target === undefined) throw new Error(triple);
  return target;
}
