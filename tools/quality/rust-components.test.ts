// What is there is left alone, what is missing is added by name, and what cannot be added says how to.
import { expect, test } from "vitest";
import type { Command, Exit, Process } from "../shared/process.ts";
import { bareTargets, ensureRustComponents } from "./rust-components.ts";

/** Records what was run; `codes` gives the exit code of a command line, 0 if it names none. */
function recording(
  codes: Readonly<Record<string, number>>,
  targets: readonly string[] = bareTargets,
): {
  readonly lines: string[];
  readonly process: Process;
} {
  const lines: string[] = [];
  const run = (command: Command): Promise<Exit> => {
    const line = [command.program, ...command.args].join(" ");
    lines.push(line);
    const ended = { command, code: codes[line] ?? 0, signal: null, timedOut: false, durationMs: 1 };
    return Promise.resolve({ ...ended, stdout: targets.join("\n"), stderr: "no such component" });
  };
  return { lines, process: { run } };
}

test("nothing is added where everything is there", async () => {
  const { lines, process } = recording({});
  await ensureRustComponents("/", process);
  expect(lines).toEqual(["cargo fmt --version", "cargo clippy --version", "rustup target list --installed"]);
});

test("only the missing component is added", async () => {
  const { lines, process } = recording({ "cargo clippy --version": 1 });
  await ensureRustComponents("/", process);
  expect(lines).toContain("rustup component add clippy");
  expect(lines).not.toContain("rustup component add rustfmt");
});

test("a component that cannot be added is an environment error with its line", async () => {
  const { process } = recording({ "cargo fmt --version": 1, "rustup component add rustfmt": 1 });
  await expect(ensureRustComponents("/", process)).rejects.toMatchObject({
    exitCode: 3,
    remedy: expect.stringContaining("rustup component add rustfmt") as string,
  });
});

test("only the missing target is added", async () => {
  const { lines, process } = recording({}, [bareTargets[0]]);
  await ensureRustComponents("/", process);
  expect(lines).toContain(`rustup target add ${bareTargets[1]}`);
});

test("a target that cannot be added is an environment error with its line", async () => {
  const line = `rustup target add ${bareTargets.join(" ")}`;
  const { process } = recording({ [line]: 1 }, []);
  await expect(ensureRustComponents("/", process)).rejects.toMatchObject({
    exitCode: 3,
    remedy: expect.stringContaining(line) as string,
  });
});
