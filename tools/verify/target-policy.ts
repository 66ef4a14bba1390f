// What a target's libraries must be like, derived from the target and written down nowhere else.
import type { Cpu, Floor, Target } from "../matrix/target.ts";
import type { ElfPolicy, MachOPolicy, PePolicy, Policy } from "./policy.ts";
import { targets } from "../matrix/targets.ts";
import {
  androidReleaseLibraries,
  glibcLibraries,
  muslLibraries,
  windowsReleaseLibraries,
} from "./system-libraries.ts";

export function policyOf(target: Target): Policy {
  const bits = target.abiClass === "p8a8" ? 64 : 32;
  return {
    source: `target ${target.triple}`,
    strict: true,
    format: target.format,
    // The slices of a universal file are judged by their own targets.
    cpu: target.slices === undefined ? target.cpu : undefined,
    bits,
    elf: target.format === "elf" ? elfPolicy(target) : undefined,
    pe: target.format === "pe" ? pePolicy(target.floor, bits) : undefined,
    macho: target.format === "macho" ? machOPolicy(target) : undefined,
    initializers: mostInitializers,
    severities: {},
  };
}

/** rustc's std has one (the program's arguments on glibc), a C runtime up to three. */
const mostInitializers = 4;

function elfPolicy({ family, cpu, floor }: Target): ElfPolicy {
  const android = floor.kind === "android";
  return {
    libraries: android ? androidReleaseLibraries : family === "linux-musl" ? muslLibraries : glibcLibraries,
    libc: android ? "bionic" : family === "linux-musl" ? "musl" : "glibc",
    versions: floor.kind === "glibc" ? { GLIBC: floor.version } : {},
    pageBytes: pageBytes(android, cpu),
    androidApi: android ? floor.api : undefined,
    // Android's 32-bit ARM passes floats in integer registers.
    hardFloat: cpu === "armv7" ? !android : undefined,
  };
}

/** Android 15 has devices with pages of 16 KiB, on every ABI by rule; ARM servers have kernels with 64 KiB. */
function pageBytes(android: boolean, cpu: Cpu): number {
  if (android) return 0x4000;
  return cpu === "aarch64" ? 0x10000 : 0x1000;
}

function pePolicy(floor: Floor, bits: 32 | 64): PePolicy {
  const everywhere = ["DYNAMIC_BASE", "NX_COMPAT"];
  return {
    libraries: windowsReleaseLibraries,
    minimumOs: floor.kind === "windows" ? floor.version : "10.0",
    characteristics: bits === 64 ? [...everywhere, "HIGH_ENTROPY_VA"] : everywhere,
  };
}

/** The policies of the slices of a universal file, in their order; none for other targets. */
export function slicePolicies(target: Target): Policy[] {
  return slicesOf(target).map(policyOf);
}

function slicesOf({ slices = [] }: Target): Target[] {
  return slices.flatMap((triple) => targets.filter((candidate) => candidate.triple === triple));
}

function machOPolicy(target: Target): MachOPolicy | undefined {
  const { floor, cpu } = target;
  if (floor.kind !== "macos" && floor.kind !== "ios" && floor.kind !== "ios-simulator") return undefined;
  if (target.slices !== undefined)
    return {
      platform: floor.kind,
      minimumOs: undefined,
      signatureRequired: false,
      fat: true,
      processors: slicesOf(target).map((slice) => slice.cpu),
    };
  return {
    platform: floor.kind,
    minimumOs: floor.version,
    signatureRequired: cpu !== "x86_64",
    fat: false,
  };
}
