// Finds Apple's SDKs: through xcrun on a Mac, through osxcross elsewhere.
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Probe } from "./probe.ts";
import type { AppleSdk, AppleSdkName, Osxcross, Xcode } from "./sdk.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export async function findAppleSdk(
  probe: Probe,
  environment: Environment,
  platform: NodeJS.Platform,
): Promise<AppleSdk | undefined> {
  return platform === "darwin" ? findXcode(probe) : findOsxcross(probe, environment);
}

const sdkNames: readonly AppleSdkName[] = ["macosx", "iphoneos", "iphonesimulator"];

async function findXcode(probe: Probe): Promise<Xcode | undefined> {
  const versions: Partial<Record<AppleSdkName, string>> = {};
  for (const name of sdkNames) {
    const version = await probe("xcrun", ["--sdk", name, "--show-sdk-version"]);
    if (version !== undefined && version !== "") versions[name] = version;
  }
  return Object.keys(versions).length === 0 ? undefined : { kind: "xcode", versions };
}

/** Its own program tells where everything is, as lines for a shell, which are read and not run. */
async function findOsxcross(probe: Probe, environment: Environment): Promise<Osxcross | undefined> {
  for (const program of osxcrossPrograms(environment)) {
    const lines = await probe(program, []);
    const value = (name: string): string | undefined =>
      new RegExp(`^export OSXCROSS_${name}=(.*)$`, "m").exec(lines ?? "")?.[1];
    const folder = value("TARGET_DIR");
    const bin = folder === undefined ? dirname(program) : join(folder, "bin");
    const prefixes = compilerPrefixes(bin, value("TARGET") ?? "");
    const sdk = value("SDK");
    if (sdk !== undefined && Object.keys(prefixes).length > 0)
      return { kind: "osxcross", bin, sdk, version: value("SDK_VERSION") ?? "", prefixes };
  }
  return undefined;
}

/** On PATH, or in the folders that people give names to. */
function osxcrossPrograms({ OSXCROSS_ROOT, OSXCROSS_TARGET_DIR }: Environment): string[] {
  return [
    "osxcross-conf",
    ...(OSXCROSS_TARGET_DIR === undefined ? [] : [join(OSXCROSS_TARGET_DIR, "bin", "osxcross-conf")]),
    ...(OSXCROSS_ROOT === undefined
      ? []
      : [join(OSXCROSS_ROOT, "target", "bin", "osxcross-conf"), join(OSXCROSS_ROOT, "bin", "osxcross-conf")]),
  ];
}

/** SDKs before macOS 11 have no arm64. */
function compilerPrefixes(bin: string, system: string): Record<string, string> {
  const names = existsSync(bin) ? new Set(readdirSync(bin)) : new Set<string>();
  const spellings = [
    ["x86_64", "x86_64"],
    ["aarch64", "arm64"],
    ["aarch64", "aarch64"],
  ] as const;
  const found = spellings.map(([cpu, word]) => [cpu, `${word}-apple-${system}`] as const);
  return Object.fromEntries(found.filter(([, prefix]) => names.has(`${prefix}-clang`)));
}
