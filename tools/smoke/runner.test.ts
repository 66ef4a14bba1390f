// Facts about the choice of a runner, asked of machines that are not this one.
import { expect, it } from "vitest";
import { targets } from "../matrix/targets.ts";
import type { Host } from "./host.ts";
import { chooseRunner, type Linkage, type RunnerChoice } from "./runner.ts";

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
  const target = targets.find((item) => item.triple === triple);
  if (target === undefined) throw new Error(triple);
  return chooseRunner(target, linkage, machine(files));
}

function machine(files: readonly string[], platform: NodeJS.Platform = "linux", arch = "x64"): Host {
  return {
    platform,
    arch,
    exists: (path) => files.includes(path),
    which: (program) => files.find((file) => file === `/usr/bin/${program}`),
  };
}
