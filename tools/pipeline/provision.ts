// --provision system: names the packages that let foreign programs run here, then installs them with apt-get as root.
import { runnerPackages } from "../smoke/requirements.ts";
import { ToolError } from "../shared/errors.ts";
import type { Command, Process } from "../shared/process.ts";
import type { ProgressSink } from "../shared/progress.ts";

/** Everything that smoke runs can use, and pip, which fetches zig. */
export const systemPackages: readonly string[] = [
  ...new Set(["python3-pip", ...Object.values(runnerPackages).flat()]),
];

export async function provisionSystem(
  process: Process,
  progress: ProgressSink,
  { isRoot, signal }: { readonly isRoot: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const missing = await missingPackages(process);
  if (missing.length === 0) {
    progress.emit({ type: "note", text: "provision: all system packages are there" });
    return;
  }
  progress.emit({ type: "note", text: `provision: apt-get will install, as root: ${missing.join(" ")}` });
  for (const command of installCommands(missing, isRoot)) {
    const exit = await process.run(command, { signal });
    if (exit.code !== 0) throw notInstalled(command, exit.stderr);
  }
}

export function installCommands(packages: readonly string[], isRoot: boolean): Command[] {
  const aptGet = (...args: string[]): Command => {
    const words = ["apt-get", ...args];
    const [program = "", ...rest] = isRoot ? words : ["sudo", "DEBIAN_FRONTEND=noninteractive", ...words];
    return { program, args: rest, env: { DEBIAN_FRONTEND: "noninteractive" } };
  };
  return [aptGet("update", "-qq"), aptGet("install", "-y", "-qq", "--no-install-recommends", ...packages)];
}

async function missingPackages(process: Process): Promise<string[]> {
  const found = await Promise.all(systemPackages.map((name) => isInstalled(name, process)));
  return systemPackages.filter((_, index) => found[index] === false);
}

async function isInstalled(name: string, process: Process): Promise<boolean> {
  const exit = await process.run({ program: "dpkg-query", args: ["-W", "-f=${Status}", name] });
  return exit.code === 0 && exit.stdout.includes("ok installed");
}

function notInstalled(command: Command, detail: string): ToolError {
  const line = [command.program, ...command.args].join(" ");
  return new ToolError({
    code: "provision-failed",
    family: "environment",
    message: `${line} failed:\n${detail.trim().split("\n").slice(-5).join("\n")}`,
    remedy: `as root: ${line}`,
  });
}
