// --provision system: what it will install is named first, and installed by root alone.
import { expect, it } from "vitest";
import type { ToolError } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";
import { provisionSystem, systemPackages } from "./provision.ts";

interface Machine {
  readonly installed: readonly string[];
  /** Versions that apt knows. */
  readonly candidates?: Readonly<Record<string, string>>;
}

/** A Debian that does what it is told and keeps a log of it; dpkg-query and apt-cache only ask. */
function debian({ installed, candidates = {} }: Machine): { process: Process; log: string[] } {
  const log: string[] = [];
  const answer = (program: string, args: readonly string[]): string => {
    if (program === "dpkg-query") return installed.includes(args.at(-1) ?? "") ? "install ok installed" : "";
    if (program === "apt-cache")
      return args
        .slice(1)
        .map((name) => `${name}:\n  Installed: (none)\n  Candidate: ${candidates[name] ?? "(none)"}\n`)
        .join("");
    log.push([program, ...args].join(" "));
    return "";
  };
  const process: Process = {
    run: (command) => {
      const stdout = answer(command.program, command.args);
      const ended = { code: 0, signal: null, timedOut: false, stderr: "", durationMs: 1 };
      return Promise.resolve({ command, stdout, ...ended });
    },
  };
  return { process, log };
}

function provision(machine: Machine, isRoot = true): { log: string[]; done: Promise<void> } {
  const { process, log } = debian(machine);
  const progress = { emit: (event: { type: string; text?: string }) => void log.push(event.text ?? "") };
  const context = { isRoot, rust: "1.95.0", signal: new AbortController().signal };
  return { log, done: provisionSystem(process, progress, context) };
}

const withRust = [...systemPackages, "rustc-web", "rust-web-src"];
const install = "apt-get install -y -qq --no-install-recommends";

it("names every missing package before it installs them", async () => {
  const { log, done } = provision({ installed: withRust.filter((name) => name !== "qemu-user-static") });
  await done;
  expect(log).toEqual([
    "provision: apt-get will install, as root: qemu-user-static",
    "apt-get update -qq",
    `${install} qemu-user-static`,
  ]);
});

it("installs nothing where nothing is missing, for everyone", async () => {
  const { log, done } = provision({ installed: withRust }, false);
  await done;
  expect(log).toEqual(["provision: all system packages are there"]);
});

it("takes the distribution's Rust where that is not older than the project's", async () => {
  const candidates = {
    ...{ rustc: "1.63.0+dfsg1-2", "rust-src": "1.63.0+dfsg1-2" },
    ...{ "rustc-web": "1.96.0+dfsg1-1~deb12u2", "rust-web-src": "1.96.0+dfsg1-1~deb12u2" },
  };
  const { log, done } = provision({ installed: systemPackages, candidates });
  await done;
  expect(log.at(-1)).toBe(`${install} rustc-web rust-web-src`);
});

it("says so where the distribution has only an older Rust, and goes on", async () => {
  const candidates = { rustc: "1.85.0+dfsg3-1", "rust-src": "1.85.0+dfsg3-1" };
  const { log, done } = provision({ installed: systemPackages, candidates });
  await done;
  expect(log.at(-1)).toBe("provision: the distribution has no Rust of 1.95.0 or newer");
});

it("does nothing for anyone but root, and says what is missing", async () => {
  const { log, done } = provision({ installed: withRust.filter((name) => name !== "wine64") }, false);
  const error = await done.catch((caught: unknown) => caught as ToolError);
  expect(error).toMatchObject({ code: "provision-needs-root", exitCode: 3 });
  expect((error as ToolError).message).toContain("wine64");
  expect(log).toEqual([]);
});
