// Gate: every symbol that a library takes from Android exists at the API level that it promises.
import type { ElfDynamicFacts } from "../../inspect/elf-facts.ts";
import { symbolLevels, type AndroidArchitecture } from "../../toolchain/android-symbols.ts";
import { violation, type Gate } from "../gate.ts";
import { linkedElf } from "./elf-loading.ts";

export const androidSymbols: Gate = {
  id: "android-symbols",
  severity: "error",
  title: "a symbol does not exist at the promised API level",
  explanation:
    'The library loads on the developer\'s phone and fails on an older one: "cannot locate symbol". The level of each symbol is in the table from which the stub libraries are made.',
  fix: "link with -Wl,-z,defs against the libraries of the promised level, and look for the function at run time (dlsym) where a newer one is wanted",
  *check(subject) {
    for (const named of linkedElf(subject)) {
      const { cpu, dynamic, symbols, androidApi } = named.object;
      const architecture = architectures[cpu];
      const api = subject.policy.elf?.androidApi ?? androidApi?.value;
      if (architecture === undefined || api === undefined || subject.policy.elf?.libc !== "bionic") continue;
      const offered = levelsOf(architecture, dynamic);
      for (const symbol of symbols) {
        if (symbol.defined || symbol.binding === "weak") continue;
        const since = offered.levels.get(symbol.name);
        const place = { section: ".dynsym", offset: symbol.offset };
        if (since !== undefined && since > api)
          yield violation(named, place, `${symbol.name} since API ${levelName(since)}, promised ${api}`);
        if (since === undefined && offered.complete)
          yield violation(named, place, `${symbol.name} is in no library of Android`);
      }
    }
  },
};

const architectures: Readonly<Record<string, AndroidArchitecture>> = {
  aarch64: "arm64",
  armv7: "arm",
  i686: "x86",
  x86_64: "x86_64",
};

/** Libraries whose symbols the table holds all. */
const completeLibraries: readonly string[] = ["libc.so", "libm.so", "libdl.so"];

/** What the needed libraries offer; incomplete where one of them is not in the table, or in part only. */
function levelsOf(
  architecture: AndroidArchitecture,
  { needed }: ElfDynamicFacts,
): { levels: ReadonlyMap<string, number>; complete: boolean } {
  const names = needed.map(({ value }) => value);
  const levels = new Map(names.flatMap((name) => [...(symbolLevels(architecture, name) ?? [])]));
  return { levels, complete: names.every((name) => completeLibraries.includes(name)) };
}

function levelName(level: number): string {
  return level === Infinity ? "none on this processor" : String(level);
}
