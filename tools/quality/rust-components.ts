// Installs the parts of the Rust toolchain that the checks need, through the user's own rustup, after saying so.
import { ToolError } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";

/** Component of rustup, and the cargo subcommand that only works with it. */
const components = [
  { name: "rustfmt", subcommand: "fmt" },
  { name: "clippy", subcommand: "clippy" },
] as const;

export async function ensureRustComponents(root: string, process: Process): Promise<void> {
  for (const { name, subcommand } of components) {
    if (await answers(subcommand, root, process)) continue;
    console.log(`adding ${name} to the pinned Rust toolchain (rustup component add ${name}, a few MB)`);
    const exit = await process
      .run({ program: "rustup", args: ["component", "add", name], cwd: root })
      .catch(() => undefined);
    if (exit?.code !== 0) throw missing(name, exit?.stderr ?? "rustup is not installed");
  }
}

async function answers(subcommand: string, root: string, process: Process): Promise<boolean> {
  const exit = await process.run({ program: "cargo", args: [subcommand, "--version"], cwd: root });
  return exit.code === 0;
}

function missing(name: string, reason: string): ToolError {
  return new ToolError({
    code: "rust-component-missing",
    family: "environment",
    message: `${name} is missing and cannot be added: ${reason.trim()}`,
    remedy: `rustup component add ${name}, or install it with your distribution's Rust`,
  });
}
