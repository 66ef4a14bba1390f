// Gates: a DLL keeps what protects the process that loads it, and nothing of the moment and place of its link.
import { objectsOfFormat, violation, type Gate } from "../gate.ts";

/** Bits of DllCharacteristics by the names that policies use. */
const characteristicBits: Readonly<Record<string, number>> = {
  HIGH_ENTROPY_VA: 0x20,
  DYNAMIC_BASE: 0x40,
  NX_COMPAT: 0x100,
  GUARD_CF: 0x4000,
};

export const peHardening: Gate = {
  id: "pe-hardening",
  severity: "warning",
  title: "the DLL opts out of a protection of Windows",
  explanation:
    "Data that cannot be executed (NX_COMPAT) and random addresses (DYNAMIC_BASE, on 64 bits HIGH_ENTROPY_VA) are given only to images that say so.",
  fix: "link with -Wl,--nxcompat -Wl,--dynamicbase -Wl,--high-entropy-va (MSVC: /NXCOMPAT /DYNAMICBASE /HIGHENTROPYVA)",
  *check({ facts, policy }) {
    for (const named of objectsOfFormat(facts, "pe")) {
      const flags = named.object.dllCharacteristics;
      for (const name of policy.pe?.characteristics ?? [])
        if ((flags.value & (characteristicBits[name] ?? 0)) === 0)
          yield violation(named, flags, `0x${flags.value.toString(16)}: no ${name}`);
    }
  },
};

export const peTimestamp: Gate = {
  id: "pe-timestamp",
  severity: "warning",
  title: "the time stamp is the time of the link",
  explanation:
    "Two links of the same source then differ, and nobody can prove what a DLL was built from. It must be a hash of the content, zero, or SOURCE_DATE_EPOCH.",
  fix: "link with -Wl,-Brepro (MSVC: /Brepro)",
  *check({ facts, context }) {
    for (const named of objectsOfFormat(facts, "pe")) {
      const { timestamp, timestampIsHash } = named.object;
      const fixed = timestamp.value === 0 || timestamp.value === context.sourceDateEpoch;
      if (!timestampIsHash && !fixed)
        yield violation(
          named,
          timestamp,
          `${timestamp.value} (${new Date(timestamp.value * 1000).toISOString()})`,
        );
    }
  },
};

export const peDebugPath: Gate = {
  id: "pe-debug-path",
  severity: "warning",
  title: "the path of the debug file has a folder in it",
  explanation:
    "The folder is one of the build machine: it tells who built the DLL and differs between two builds.",
  fix: "link with -Wl,-pdbaltpath:%_PDB% (MSVC: /PDBALTPATH:%_PDB%)",
  *check({ facts }) {
    for (const named of objectsOfFormat(facts, "pe")) {
      const { debugPath } = named.object;
      if (debugPath !== undefined && /[\\/]/.test(debugPath.value))
        yield violation(named, debugPath, debugPath.value);
    }
  },
};
