// Installs the Rust toolchain that the checkout pins, where rustup is there and the toolchain is not.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";
import type { ProgressSink } from "../shared/progress.ts";

const installTimeoutMs = 1_800_000;

/** Does nothing where rustup is absent, the toolchain is there, or the checkout pins none. */
export async function installPinnedRust(
  root: string,
  context: { readonly process: Process; readonly progress: ProgressSink; readonly signal?: AbortSignal },
): Promise<void> {
  const { process, progress, signal } = context;
  const channel = await pinnedChannel(root);
  const installed = await process
    .run({ program: "rustup", args: ["toolchain", "list"] })
    .catch(() => undefined);
  if (channel === undefined || installed?.code !== 0 || hasChannel(installed.stdout, channel)) return;
  progress.emit({
    type: "fetch",
    what: `Rust ${channel} (rustup, about 120 MB)`,
    into: "rustup's own folder",
  });
  const args = ["toolchain", "install", channel, "--profile", "minimal", "--no-self-update"];
  const command = { program: "rustup", args, timeoutMs: installTimeoutMs };
  const exit = await process.run(command, signal === undefined ? {} : { signal });
  if (exit.code === 0) return;
  throw new ToolError({
    code: "rust-not-installed",
    family: "environment",
    message: `rustup could not install Rust ${channel}:\n${exit.stderr.trim().split("\n").slice(-4).join("\n")}`,
    remedy: `rustup toolchain install ${channel} --profile minimal`,
  });
}

/** Undefined where the checkout pins none. */
export async function pinnedChannel(root: string): Promise<string | undefined> {
  return parseChannel(await readFile(join(root, "rust-toolchain.toml"), "utf8").catch(() => ""));
}

export function parseChannel(toml: string): string | undefined {
  return /^channel\s*=\s*"([^"]+)"/m.exec(toml)?.[1];
}

/** rustup lists "1.95.0-x86_64-unknown-linux-gnu (active)". */
export function hasChannel(list: string, channel: string): boolean {
  return list
    .split("\n")
    .some((line) => line === channel || line.startsWith(`${channel}-`) || line.startsWith(`${channel} `));
}
