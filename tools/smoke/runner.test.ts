// Facts about the choice of a runner, asked of machines that are not this one.
import { expect, it } from "vitest";
import type { Target } from "../matrix/target.ts";
import { targets } from "../matrix/targets.ts";
import type { Host } from "./host.ts";
import {
  chooseNodeRunner,
  chooseOldRunner,
  chooseRunner,
  type Linkage,
  type Machine,
  type RunnerChoice,
} from "./runner.ts";
import type { TreeName } from "./trees.ts";

it("a bare Linux box runs its own programs and 32-bit ones as executed, and names what the others need", () => {
  expect(summary("x86_64-unknown-linux-gnu")).toBe("executed:");
  expect(summary("i686-unknown-linux-gnu")).toBe(
    "apt-get install -y --no-install-recommends libc6-i386-cross",
  );
  expect(summary("aarch64-unknown-linux-gnu")).toMatch(
    /^apt-get install .* qemu-user-static libc6-arm64-cross$/,
  );
  expect(summary("armv7-unknown-linux-gnueabihf")).toMatch(/ qemu-user-static libc6-armhf-cross$/);
  expect(summary("x86_64-pc-windows-gnullvm")).toMatch(/ wine64 wine$/);
  expect(summary("x86_64-unknown-linux-musl")).toMatch(/ musl$/);
});

it("a 32-bit program is never run under qemu-i386, which hangs at the first thread", () => {
  const choice = choose("i686-unknown-linux-gnu", "dynamic", [
    "/usr/bin/qemu-i386-static",
    "/usr/i686-linux-gnu/lib/ld-linux.so.2",
  ]);
  expect(choice).toMatchObject({ kind: "runner", runner: { claim: "executed", name: "native" } });
  expect(JSON.stringify(choice)).not.toContain("qemu");
});

it("qemu gets the C library of the target, and counts as emulated with a time limit", () => {
  const choice = choose("aarch64-unknown-linux-gnu", "dynamic", [
    "/usr/bin/qemu-aarch64-static",
    "/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1",
  ]);
  expect(choice).toMatchObject({ kind: "runner", runner: { claim: "emulated" } });
  if (choice.kind !== "runner") return;
  expect(choice.runner.prefix).toEqual(["/usr/bin/qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"]);
  expect(choice.runner.timeLimitMs).toBeGreaterThan(0);
});

it("a static musl program needs no C library, a dynamic one needs its loader", () => {
  const files = ["/usr/bin/qemu-arm-static"];
  expect(choose("armv7-unknown-linux-musleabihf", "static", files).kind).toBe("runner");
  expect(choose("armv7-unknown-linux-musleabihf", "dynamic", files)).toMatchObject({
    kind: "missing",
    remedy: "dpkg --add-architecture armhf && apt-get update && apt-get install -y musl:armhf",
  });
  expect(summary("i686-unknown-linux-musl", "static")).toBe("executed:");
});

it("what Debian's packages in the cache give is used where the system has nothing", () => {
  const prefixes = (triple: string, linkage: Linkage, ...fetched: TreeName[]): unknown => {
    const choice = chooseRunner(targetOf(triple), linkage, machine([], "linux", "x64", fetched));
    return choice.kind === "runner" ? choice.runner.prefix : choice;
  };
  expect(prefixes("riscv64gc-unknown-linux-gnu", "dynamic", "qemu-user", "glibc-riscv64")).toEqual([
    ...["/cache/qemu-user/usr/bin/qemu-riscv64-static", "-L", "/cache/glibc-riscv64/usr/riscv64-linux-gnu"],
  ]);
  expect(prefixes("i686-unknown-linux-musl", "dynamic", "musl-i686")).toEqual([
    "/cache/musl-i686/lib/ld-musl-i386.so.1",
  ]);
  expect(prefixes("armv7-unknown-linux-musleabihf", "dynamic", "qemu-user", "musl-armv7")).toEqual([
    ...["/cache/qemu-user/usr/bin/qemu-arm-static", "-L", "/cache/musl-armv7"],
  ]);
  expect(prefixes("i686-pc-windows-gnullvm", "dynamic", "wine")).toEqual([
    "/cache/wine/usr/lib/x86_64-linux-gnu/wine/wine",
  ]);
  expect(prefixes("riscv64gc-unknown-linux-gnu", "dynamic", "qemu-user")).toMatchObject({
    kind: "missing",
    tree: "glibc-riscv64",
  });
});

it("a system's Wine without 32-bit Windows libraries is for 64-bit programs only", () => {
  const wine8 = ["/usr/lib/wine/wine64"];
  expect(choose("x86_64-pc-windows-gnullvm", "dynamic", wine8).kind).toBe("runner");
  expect(choose("i686-pc-windows-gnullvm", "dynamic", wine8)).toMatchObject({
    kind: "missing",
    tree: "wine",
  });
});

it("an old system is another C library for the same program, under its own loader or under qemu", () => {
  const old = (triple: string, ...fetched: TreeName[]): unknown =>
    chooseOldRunner(targetOf(triple), machine(["/usr/bin/qemu-aarch64-static"], "linux", "x64", fetched));
  expect(old("x86_64-unknown-linux-gnu", "old-glibc-x86_64")).toMatchObject({
    runner: {
      claim: "executed",
      prefix: [
        "/cache/old-glibc-x86_64/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
        "--library-path",
        "/cache/old-glibc-x86_64/lib/x86_64-linux-gnu",
      ],
    },
  });
  expect(old("aarch64-unknown-linux-gnu", "old-glibc-aarch64")).toMatchObject({
    runner: { claim: "emulated", prefix: ["/usr/bin/qemu-aarch64-static", "-L", "/cache/old-glibc-aarch64"] },
  });
  expect(old("x86_64-unknown-linux-gnu")).toMatchObject({ kind: "missing", tree: "old-glibc-x86_64" });
  expect(old("x86_64-unknown-linux-musl")).toEqual({ kind: "impossible" });
  expect(old("riscv64gc-unknown-linux-gnu")).toEqual({ kind: "impossible" });
});

it("Node of another processor needs the C++ library, too", () => {
  const system = ["/usr/bin/qemu-aarch64-static", "/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1"];
  const target = targetOf("aarch64-unknown-linux-gnu");
  expect(chooseNodeRunner(target, machine(system))).toMatchObject({
    kind: "missing",
    remedy: expect.stringMatching(/libstdc\+\+6-arm64-cross libatomic1-arm64-cross$/) as string,
  });
  const withCxx = machine([...system, "/usr/aarch64-linux-gnu/lib/libstdc++.so.6"]);
  expect(chooseNodeRunner(target, withCxx).kind).toBe("runner");
});

it.each(["aarch64-apple-darwin", "aarch64-apple-ios", "aarch64-linux-android", "aarch64-pc-windows-gnullvm"])(
  "nothing on a Linux box runs %s",
  (triple) => expect(choose(triple, "static", ["/usr/lib/wine/wine64"]).kind).toBe("impossible"),
);

it("every target has an answer on every kind of host", () => {
  for (const target of targets)
    for (const platform of ["linux", "darwin", "win32", "freebsd"] as const)
      for (const arch of ["x64", "arm64"])
        expect(chooseRunner(target, "dynamic", machine([], platform, arch)).kind).toMatch(
          /^(runner|missing|impossible)$/,
        );
});

function summary(triple: string, linkage: Linkage = "dynamic"): string {
  const choice = choose(triple, linkage, []);
  if (choice.kind === "missing") return choice.remedy;
  return choice.kind === "runner" ? `${choice.runner.claim}:${choice.runner.prefix.join(" ")}` : choice.kind;
}

function choose(triple: string, linkage: Linkage, files: readonly string[]): RunnerChoice {
  return chooseRunner(targetOf(triple), linkage, machine(files));
}

function targetOf(triple: string): Target {
  const target = targets.find((item) => item.triple === triple);
  if (target === undefined) throw new Error(triple);
  return target;
}

function machine(
  files: readonly string[],
  platform: NodeJS.Platform = "linux",
  arch = "x64",
  trees: readonly TreeName[] = [],
): Machine {
  const host: Host = {
    platform,
    arch,
    exists: (path) => files.includes(path),
    which: (program) => files.find((file) => file === `/usr/bin/${program}`),
  };
  return { host, tree: (name) => (trees.includes(name) ? `/cache/${name}` : undefined) };
}
