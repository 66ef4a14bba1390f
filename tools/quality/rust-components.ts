// Installs the parts of the Rust toolchain that the checks need, through the user's own rustup, after saying so.
import { ToolError } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";

/** Component of rustup, and the cargo subcommand that only works with it. */
const components = [
  { name: "rustfmt", subcommand: "fmt" },
  { name: "clippy", subcommand: "clippy" },
] as const;

/** Targets for which nnrp-core is checked: one that has no std, and the one of JavaScript hosts. */
export const bareTargets = ["thumbv7em-none-eabihf", "wasm32-unknown-unknown"] as const;

export async function ensureRustComponents(root: string, process: Process): Promise<void> {
  for (const { name, subcommand } of components) {
    if (await answers(subcommand, root, process)) continue;
    console.log(`adding ${name} to the pinned Rust toolchain (rustup component add ${name}, a few MB)`);
    const exit = await process
      .run({ program: "rustup", args: ["component", "add", name], cwd: root })
      .catch(() => undefined);
    if (exit?.code !== 0) throw missing(name, "component", exit?.stderr ?? noRustup);
  }
  await ensureTargets(root, process);
}

const noRustup = "rustup is not installed";

async function ensureTargets(root: string, process: Process): Promise<void> {
  const listing = await process
    .run({ program: "rustup", args: ["target", "list", "--installed"], cwd: root })
    .catch(() => undefined);
  const installed = listing?.stdout.split("\n") ?? [];
  const absent = bareTargets.filter((target) => !installed.includes(target));
  if (absent.length === 0) return;
  const names = absent.join(" ");
  console.log(`adding ${names} to the pinned Rust toolchain (rustup target add ${names}, 20–40 MB each)`);
  const exit = await process
    .run({ program: "rustup", args: ["target", "add", ...absent], cwd: root })
    .catch(() => undefined);
  if (exit?.code !== 0) throw missing(names, "target", exit?.stderr ?? noRustup);
}

async function answers(subcommand: string, root: string, process: Process): Promise<boolean> {
  const exit = await process.run({ program: "cargo", args: [subcommand, "--version"], cwd: root });
  return exit.code === 0;
}

function missing(name: string, kind: "component" | "target", reason: string): ToolError {
  return new ToolError({
    code: "rust-component-missing",
    family: "environment",
    message: `${name} is missing and cannot be added: ${reason.trim()}`,
    remedy: `rustup ${kind} add ${name}, or install it with your distribution's Rust`,
  });
}
