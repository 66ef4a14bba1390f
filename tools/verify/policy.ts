// What a target's libraries must be like, derived from the target and written down nowhere else.
import type { MachOPlatform } from "../inspect/facts.ts";
import type { Cpu, Floor, Target } from "../matrix/target.ts";

export interface Policy {
  readonly cpu: Cpu;
  readonly bits: 32 | 64;
  /** What the platform's C compilers put before the name of a function. */
  readonly symbolPrefix: "" | "_";
  readonly elf: ElfPolicy | undefined;
  readonly pe: PePolicy | undefined;
  readonly macho: MachOPolicy | undefined;
}

export interface ElfPolicy {
  /** Libraries that every system of the target has. */
  readonly libraries: readonly (string | RegExp)[];
  /** Highest version of glibc's symbols; undefined where the C library is another. */
  readonly glibc: string | undefined;
  /** Highest page size of the systems of the target; segments must be aligned to it. */
  readonly pageBytes: bigint;
  readonly androidApi: number | undefined;
  /** Whether floats are passed in registers; undefined where the processor knows one way only. */
  readonly hardFloat: boolean | undefined;
}

export interface PePolicy {
  readonly libraries: readonly (string | RegExp)[];
  readonly minimumOs: string;
  /** Bits of DllCharacteristics that must be set. */
  readonly characteristics: readonly { readonly name: string; readonly bit: number }[];
}

export interface MachOPolicy {
  readonly platform: MachOPlatform;
  readonly minimumOs: string;
  /** The kernel ends a process that loads unsigned code. */
  readonly signatureRequired: boolean;
}

export function policyOf(target: Target): Policy {
  const bits = target.abiClass === "p8a8" ? 64 : 32;
  const underscored = target.format === "macho" || (target.format === "pe" && target.cpu === "i686");
  return {
    cpu: target.cpu,
    bits,
    symbolPrefix: underscored ? "_" : "",
    elf: target.format === "elf" ? elfPolicy(target) : undefined,
    pe: target.format === "pe" ? pePolicy(target.floor, bits) : undefined,
    macho: target.format === "macho" ? machOPolicy(target) : undefined,
  };
}

const glibcLibraries = [
  "libc.so.6",
  "libm.so.6",
  "libpthread.so.0",
  "libdl.so.2",
  "librt.so.1",
  /^ld-linux(-x86-64|-aarch64|-armhf)?\.so\.[123]$/,
];
/** zig writes "libc.so", distributions "libc.musl-<cpu>.so.1"; musl answers to both. */
const muslLibraries = ["libc.so", /^libc\.musl-\w+\.so\.1$/];
const androidLibraries = ["libc.so", "libm.so", "libdl.so", "liblog.so"];

function elfPolicy({ family, cpu, floor }: Target): ElfPolicy {
  const android = floor.kind === "android";
  return {
    libraries: android ? androidLibraries : family === "linux-musl" ? muslLibraries : glibcLibraries,
    glibc: floor.kind === "glibc" ? floor.version : undefined,
    pageBytes: pageBytes(android, cpu),
    androidApi: android ? floor.api : undefined,
    // Android's 32-bit ARM passes floats in integer registers.
    hardFloat: cpu === "armv7" ? !android : undefined,
  };
}

/** Android 15 has devices with pages of 16 KiB, on every ABI by rule; ARM servers have kernels with 64 KiB. */
function pageBytes(android: boolean, cpu: Cpu): bigint {
  if (android) return 0x4000n;
  return cpu === "aarch64" ? 0x10000n : 0x1000n;
}

/** What Windows 10 itself brings; the Visual C++ runtime is not among it. */
const windowsLibraries = [
  "advapi32.dll",
  "bcrypt.dll",
  "bcryptprimitives.dll",
  "crypt32.dll",
  "dbghelp.dll",
  "iphlpapi.dll",
  "kernel32.dll",
  "ntdll.dll",
  "ole32.dll",
  "secur32.dll",
  "shell32.dll",
  "ucrtbase.dll",
  "user32.dll",
  "userenv.dll",
  "ws2_32.dll",
  /^api-ms-win-[a-z0-9-]+\.dll$/,
];

function pePolicy(floor: Floor, bits: 32 | 64): PePolicy {
  const everywhere = [
    { name: "DYNAMIC_BASE", bit: 0x40 },
    { name: "NX_COMPAT", bit: 0x100 },
  ];
  return {
    libraries: windowsLibraries,
    minimumOs: floor.kind === "windows" ? floor.version : "10.0",
    characteristics: bits === 64 ? [...everywhere, { name: "HIGH_ENTROPY_VA", bit: 0x20 }] : everywhere,
  };
}

function machOPolicy({ floor, cpu }: Target): MachOPolicy | undefined {
  if (floor.kind !== "macos" && floor.kind !== "ios" && floor.kind !== "ios-simulator") return undefined;
  return { platform: floor.kind, minimumOs: floor.version, signatureRequired: cpu === "aarch64" };
}

/** Whether a library name stands in a list of names and patterns; Windows does not tell case. */
export function isListed(name: string, list: readonly (string | RegExp)[], caseSensitive = true): boolean {
  const wanted = caseSensitive ? name : name.toLowerCase();
  return list.some((entry) => (typeof entry === "string" ? entry === wanted : entry.test(wanted)));
}
