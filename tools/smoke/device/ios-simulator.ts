// The booted simulator of Xcode: a program of the simulator's platform sees this machine's files and network.
import { ToolError } from "../../shared/errors.ts";
import type { Process } from "../../shared/process.ts";
import { deviceLimitMs, type Device } from "./device.ts";

/** Starts programs in the simulator that is booted; `xcrun simctl boot <name>` boots one. */
export async function iosSimulator(process: Process): Promise<Device> {
  const name = await bootedSimulator(process);
  const prefix = ["xcrun", "simctl", "spawn", "booted"];
  return {
    deploy: ({ program, scenario, endpoint }) =>
      Promise.resolve({
        runner: {
          name: "iOS simulator",
          claim: "emulated",
          prefix,
          system: "posix",
          timeLimitMs: deviceLimitMs,
        },
        // Spawned programs do not start in this folder: every path is absolute.
        argv: [program, "--scenario", scenario, "--endpoint", endpoint],
        surroundings: { runner: `iOS simulator: ${name}` },
      }),
  };
}

async function bootedSimulator(process: Process): Promise<string> {
  const args = ["simctl", "list", "devices", "booted", "--json"];
  const exit = await process.run({ program: "xcrun", args, timeoutMs: 120_000 });
  const booted = exit.code === 0 ? bootedNames(exit.stdout) : [];
  if (booted[0] !== undefined) return booted[0];
  throw new ToolError({
    code: "no-device",
    family: "environment",
    message: exit.code === 0 ? "no iOS simulator is booted" : `xcrun simctl failed: ${exit.stderr.trim()}`,
    remedy: "xcrun simctl boot 'iPhone 16'",
  });
}

/** "iPhone 16, iOS-18-2" of what simctl lists by runtime. */
export function bootedNames(json: string): string[] {
  const { devices } = JSON.parse(json) as {
    readonly devices: Readonly<Record<string, readonly { readonly name: string }[]>>;
  };
  return Object.entries(devices).flatMap(([runtime, list]) =>
    list.map(({ name }) => `${name}, ${runtime.split(".").at(-1)}`),
  );
}
