// Gates: ELF code asks for no younger processor than the target promises.
import { objectsOfFormat, violation, type Gate } from "../gate.ts";
import { linkedElf } from "./elf-loading.ts";

/** GNU_PROPERTY_X86_ISA_1_NEEDED: every bit above the baseline is a younger generation. */
const isaNames = ["x86-64 baseline", "x86-64-v2", "x86-64-v3", "x86-64-v4"];

export const elfX86Isa: Gate = {
  id: "elf-x86-isa",
  severity: "error",
  title: "the library asks for a younger x86 processor",
  explanation:
    'glibc refuses a library whose property note needs a generation that the machine lacks ("CPU ISA level is lower than required"). Compiling with -march=native or x86-64-v3 writes such a note, or only crashes where there is none.',
  fix: "compile for the baseline (-march=x86-64) and choose faster code at run time",
  *check(subject) {
    for (const named of linkedElf(subject)) {
      const needed = named.object.properties?.x86IsaNeeded;
      if (needed === undefined || needed.value <= 1) continue;
      const names = isaNames.filter((_, bit) => bit > 0 && (needed.value & (1 << bit)) !== 0);
      yield violation(named, needed, names.join(", ") || `0x${needed.value.toString(16)}`);
    }
  },
};

/** Tag_CPU_arch of ARMv7, by the "Addenda to the ABI for the Arm Architecture". */
const ARMV7 = 10;

export const elfArmArchitecture: Gate = {
  id: "elf-arm-architecture",
  severity: "error",
  title: "the code is for a younger ARM processor than ARMv7",
  explanation:
    "A library in an armv7 package that holds ARMv8 instructions ends with SIGILL on the boards that the package is for.",
  fix: "compile C code with -march=armv7-a, Rust code for an armv7 target without target-cpu",
  *check({ facts, policy }) {
    if (policy.cpu !== "armv7") return;
    for (const named of objectsOfFormat(facts, "elf")) {
      const architecture = named.object.armAttributes?.cpuArchitecture;
      if (architecture !== undefined && architecture.value > ARMV7)
        yield violation(named, architecture, `Tag_CPU_arch ${architecture.value}`);
    }
  },
};
