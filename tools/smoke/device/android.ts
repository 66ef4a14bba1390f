// An Android emulator or device behind adb: files are pushed into a folder of their own, the peer's port is brought there.
import { basename, posix } from "node:path";
import { ToolError } from "../../shared/errors.ts";
import type { Process } from "../../shared/process.ts";
import { deviceLimitMs, type ClientFiles, type Deployed, type Device } from "./device.ts";

/** The only folder from which an Android shell may start programs. */
const temporary = "/data/local/tmp";

/** `adb` of the SDK; with several devices ANDROID_SERIAL chooses, as for every use of adb. */
export async function androidDevice(process: Process, adb = "adb"): Promise<Device> {
  const run = (...args: string[]): Promise<string> => runAdb(process, adb, args);
  const isEmulator = (await run("shell", "getprop", "ro.kernel.qemu")).trim() === "1";
  const release = (await run("shell", "getprop", "ro.build.version.release")).trim();
  const abi = (await run("shell", "getprop", "ro.product.cpu.abi")).trim();
  const surroundings = { runner: `Android ${release} ${isEmulator ? "emulator" : "device"} (${abi})` };
  const folder = posix.join(temporary, `smoke-${globalThis.process.pid}`);
  return {
    deploy: async (files) => {
      await push(files, folder, run);
      return { ...started(files, folder, adb, isEmulator), surroundings };
    },
  };
}

async function push(
  files: ClientFiles,
  folder: string,
  run: (...args: string[]) => Promise<string>,
): Promise<void> {
  const port = new URL(files.endpoint.replace(/^[^:]+/, "http")).port;
  await run("shell", "rm", "-rf", folder);
  await run("shell", "mkdir", "-p", folder);
  for (const file of [files.program, files.library, files.scenario])
    await run("push", file, posix.join(folder, basename(file)));
  await run("shell", "chmod", "755", posix.join(folder, basename(files.program)));
  // On the device 127.0.0.1 is the device itself.
  await run("reverse", `tcp:${port}`, `tcp:${port}`);
}

function started(
  { program, library, scenario, endpoint }: ClientFiles,
  folder: string,
  adb: string,
  isEmulator: boolean,
): Omit<Deployed, "surroundings"> {
  const on = (file: string): string => posix.join(folder, basename(file));
  return {
    runner: {
      name: "adb",
      claim: isEmulator ? "emulated" : "executed",
      prefix: [adb, "shell"],
      system: "posix",
      timeLimitMs: deviceLimitMs,
    },
    argv: [
      ...["env", `LD_LIBRARY_PATH=${folder}`, on(program)],
      ...["--scenario", on(scenario), "--endpoint", endpoint],
    ],
    hostPath: (path) => (path === on(library) ? library : path),
  };
}

async function runAdb(process: Process, adb: string, args: readonly string[]): Promise<string> {
  const exit = await process.run({ program: adb, args, timeoutMs: deviceLimitMs });
  if (exit.code === 0) return exit.stdout;
  throw new ToolError({
    code: "no-device",
    family: "environment",
    message: `adb ${args.join(" ")} failed: ${(exit.stderr + exit.stdout).trim()}`,
    remedy: "start an emulator or connect one device, until `adb devices` shows it",
  });
}
