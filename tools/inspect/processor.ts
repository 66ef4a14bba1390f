// Names of processors, and the numbers by which each file format calls them.

/** The names of Rust triples; for processors that Rust has no target for, their usual names. */
export type Processor =
  | "aarch64"
  | "aarch64_32"
  | "alpha"
  | "arm64ec"
  | "armv7"
  | "hppa"
  | "i686"
  | "ia64"
  | "loongarch"
  | "m68k"
  | "mips"
  | "powerpc"
  | "powerpc64"
  | "riscv32"
  | "riscv64"
  | "s390x"
  | "sparc"
  | "sparcv9"
  | "wasm32"
  | "wasm64"
  | "x86_64"
  | `unknown-${string}`;

/** e_machine; where one number stands for two widths, `wide` names the 64-bit one. */
const elfMachines: Readonly<Record<number, { readonly narrow: Processor; readonly wide: Processor }>> = {
  2: both("sparc"),
  3: both("i686"),
  4: both("m68k"),
  8: both("mips"),
  15: both("hppa"),
  18: both("sparc"),
  20: both("powerpc"),
  21: both("powerpc64"),
  22: both("s390x"),
  40: both("armv7"),
  43: both("sparcv9"),
  50: both("ia64"),
  // The x32 ABI is 32-bit ELF on this processor; `bits` tells the two apart.
  62: both("x86_64"),
  183: both("aarch64"),
  243: { narrow: "riscv32", wide: "riscv64" },
  258: both("loongarch"),
  0x9026: both("alpha"),
};

const elfNames: ReadonlySet<string> = new Set(
  Object.values(elfMachines).flatMap(({ narrow, wide }) => [narrow, wide]),
);

/** Whether a word is what the readers call a processor. */
export function isProcessorName(word: string): boolean {
  return elfNames.has(word);
}

/** Names of processors, the longest first, for patterns in which one may begin another. */
export function processorNames(): string[] {
  return [...elfNames].sort((left, right) => right.length - left.length);
}

const coffMachines: Readonly<Record<number, Processor>> = {
  0x014c: "i686",
  0x01c4: "armv7",
  0x0200: "ia64",
  0x8664: "x86_64",
  0xa641: "arm64ec",
  0xaa64: "aarch64",
};

const machOTypes: Readonly<Record<number, Processor>> = {
  7: "i686",
  12: "armv7",
  18: "powerpc",
  0x01000007: "x86_64",
  0x0100000c: "aarch64",
  0x01000012: "powerpc64",
  0x0200000c: "aarch64_32",
};

export function processorOfElf(machine: number, bits: 32 | 64): Processor {
  const names = elfMachines[machine];
  if (names === undefined) return `unknown-${machine}`;
  return bits === 64 ? names.wide : names.narrow;
}

export function processorOfCoff(machine: number): Processor {
  return coffMachines[machine] ?? `unknown-${machine.toString(16)}`;
}

export function isCoffMachine(machine: number): boolean {
  return coffMachines[machine] !== undefined;
}

export function processorOfMachO(cpuType: number): Processor {
  return machOTypes[cpuType] ?? `unknown-${cpuType.toString(16)}`;
}

function both(name: Processor): { narrow: Processor; wide: Processor } {
  return { narrow: name, wide: name };
}
