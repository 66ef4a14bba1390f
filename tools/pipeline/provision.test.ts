// --provision system: what it will install is named first, and installed as root only.
import { describe, expect, it } from "vitest";
import type { Process } from "../shared/process.ts";
import { installCommands, provisionSystem, systemPackages } from "./provision.ts";

function machine(installed: readonly string[]): { process: Process; log: string[] } {
  const log: string[] = [];
  const process: Process = {
    run: (command) => {
      const line = [command.program, ...command.args].join(" ");
      if (command.program !== "dpkg-query") log.push(line);
      const name = command.args.at(-1) ?? "";
      const stdout = installed.includes(name) ? "install ok installed" : "";
      return Promise.resolve({
        command,
        code: 0,
        signal: null,
        timedOut: false,
        stdout,
        stderr: "",
        durationMs: 1,
      });
    },
  };
  return { process, log };
}

describe("provisionSystem", () => {
  it("names every missing package before it installs them", async () => {
    const { process, log } = machine(systemPackages.filter((name) => name !== "qemu-user-static"));
    const progress = { emit: (event: { type: string; text?: string }) => void log.push(event.text ?? "") };
    await provisionSystem(process, progress, { isRoot: true, signal: new AbortController().signal });
    expect(log[0]).toBe("provision: apt-get will install, as root: qemu-user-static");
    expect(log.slice(1)).toEqual([
      "apt-get update -qq",
      "apt-get install -y -qq --no-install-recommends qemu-user-static",
    ]);
  });

  it("installs nothing where nothing is missing", async () => {
    const { process, log } = machine(systemPackages);
    await provisionSystem(
      process,
      { emit: () => undefined },
      { isRoot: true, signal: new AbortController().signal },
    );
    expect(log).toEqual([]);
  });

  it("goes through sudo for everyone else", () => {
    expect(installCommands(["x"], false).map(({ program }) => program)).toEqual(["sudo", "sudo"]);
  });
});
