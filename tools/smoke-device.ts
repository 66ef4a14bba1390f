// Command: proves one packed archive on the machine, simulator or device at hand, with that system's own compiler.
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { project } from "../nnrp.project.ts";
import { foldersOf, placeNames } from "./matrix/folders.ts";
import { targets } from "./matrix/targets.ts";
import { runEntry } from "./shared/entry.ts";
import { exitCodes, type ExitCode } from "./shared/errors.ts";
import { abortOnInterrupt } from "./shared/interrupt.ts";
import { systemProcess } from "./shared/process.ts";
import { parseOrHelp } from "./shared/usage-error.ts";
import { androidDevice } from "./smoke/device/android.ts";
import type { Device } from "./smoke/device/device.ts";
import { iosSimulator } from "./smoke/device/ios-simulator.ts";
import { packagedTarget } from "./smoke/device/packaged-target.ts";
import { systemCompiler } from "./smoke/device/system-compiler.ts";
import { smokeTarget } from "./smoke/smoke-target.ts";
import { failuresOf } from "./smoke/verification.ts";
import { verificationLines } from "./smoke/verification-text.ts";
import { zigTargetArguments } from "./toolchain/zig.ts";

interface Options {
  readonly on: "here" | "ios-simulator" | "android";
  readonly output: string;
  readonly peer?: string;
}

const command = new Command("npx tsx tools/smoke-device.ts")
  .description(
    "Unpacks an archive that another machine packed, compiles the C client against it with this system's compiler and replays the smoke scenario. Writes verification.json.",
  )
  .argument("<archive>", "e.g. artifacts/packages/x-1.0.0-aarch64-apple-darwin.tar.gz")
  .addOption(
    new Option("--on <where>", "where programs of the target run")
      .choices(["here", "ios-simulator", "android"])
      .default("here"),
  )
  .option("--output <folder>", "gets <triple>/verification.json and <triple>/logs/", "artifacts/device")
  .option("--peer <program>", "the peer of the scenario (default: built here with cargo)")
  .addHelpText(
    "after",
    `
here            macOS, Windows, or Linux on the target's own processor
ios-simulator   the simulator that is booted: xcrun simctl boot <name>
android         the emulator or device that adb shows

Exit codes: 0 everything passed, 1 something failed, 2 wrong usage, 3 no compiler or device.`,
  );

async function main(): Promise<ExitCode> {
  const helped = parseOrHelp(command, process.argv.slice(2));
  if (helped !== undefined) return helped;
  const [archive = ""] = command.args;
  return prove(resolve(archive), command.opts<Options>());
}

async function prove(path: string, { on, output, peer }: Options): Promise<ExitCode> {
  const { target, archive, nativeStaticLibraries } = await packagedTarget(path, targets);
  const zigTarget = zigTargetArguments;
  const compilerHost = { platform: process.platform, environment: process.env, zigTarget };
  const slices = target.slices ?? [];
  const cpus = slices.map((triple) => targets.find((item) => item.triple === triple)?.cpu ?? target.cpu);
  const [cpu = target.cpu, ...further] = hostFirst(cpus);
  const device = await openDevice(on);
  const folders = foldersOf(project);
  const directory = join(resolve(output), target.triple);
  await mkdir(directory, { recursive: true });
  const verification = await smokeTarget({
    project,
    process: systemProcess,
    target,
    directory,
    packages: [archive],
    cCompiler: systemCompiler(target, compilerHost, cpu),
    sliceCompilers: further.map((slice) => ({
      slice,
      compiler: systemCompiler(target, compilerHost, slice),
    })),
    nativeStaticLibraries,
    cacheDirectory: folders.cache,
    places: placeNames(folders),
    offline: false,
    signal: abortOnInterrupt(),
    onLine: (line) => void process.stderr.write(`  ${line}\n`),
    ...(peer === undefined ? {} : { peerProgram: resolve(peer) }),
    ...(device === undefined ? {} : { device }),
  });
  process.stdout.write(`${verificationLines(verification).join("\n")}\n`);
  return failuresOf(verification).length > 0 ? exitCodes.finding : exitCodes.ok;
}

/** The program that is run is of this machine's processor; those for the others are linked. */
function hostFirst(cpus: readonly string[]): string[] {
  const here = process.arch === "arm64" ? "aarch64" : "x86_64";
  return [...cpus].sort((left, right) => Number(right === here) - Number(left === here));
}

async function openDevice(on: Options["on"]): Promise<Device | undefined> {
  if (on === "ios-simulator") return iosSimulator(systemProcess);
  return on === "android" ? androidDevice(systemProcess, adb()) : undefined;
}

/** The SDK's own, which need not be on PATH. */
function adb(): string {
  const sdk = process.env["ANDROID_HOME"];
  const program = sdk === undefined ? "" : join(sdk, "platform-tools", "adb");
  return existsSync(program) ? program : "adb";
}

await runEntry(main);
