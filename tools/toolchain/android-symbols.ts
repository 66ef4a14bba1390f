// The symbols that Android offers to link against at an API level, as assembly and version scripts for stub libraries.
import type { Target } from "../matrix/target.ts";
import symbolMap from "./data/android-ndk-symbols.json" with { type: "json" };

export type AndroidArchitecture = "arm" | "arm64" | "x86" | "x86_64";

interface SymbolFacts {
  readonly since?: number;
  readonly sinceByArch?: Partial<Record<AndroidArchitecture, number>>;
  readonly kind?: string;
  readonly version?: string;
}

export interface StubLibrary {
  /** File name and SONAME. */
  readonly name: string;
  readonly assembly: string;
  readonly versionScript: string;
}

export function androidArchitecture(target: Target): AndroidArchitecture {
  const names = { armv7: "arm", aarch64: "arm64", i686: "x86", x86_64: "x86_64" } as Partial<
    Record<Target["cpu"], AndroidArchitecture>
  >;
  const name = names[target.cpu];
  if (name === undefined) throw new TypeError(`Android does not run on ${target.cpu}`);
  return name;
}

/** One library for each of the platform's, with exactly the symbols that exist at `api`. */
export function stubLibraries(architecture: AndroidArchitecture, api: number): StubLibrary[] {
  const libraries = symbolMap.libraries as Readonly<Record<string, Readonly<Record<string, SymbolFacts>>>>;
  return Object.entries(libraries).map(([name, symbols]) => {
    const present = Object.entries(symbols).filter(([, facts]) => firstApi(facts, architecture) <= api);
    return {
      name,
      assembly: `.text\n${present.map(([symbol, facts]) => definition(symbol, facts.kind === "data")).join("")}`,
      versionScript: versionScript(present),
    };
  });
}

/** First API level of each symbol of a library that exists on the architecture; undefined for a library not in the table. */
export function symbolLevels(
  architecture: AndroidArchitecture,
  library: string,
): ReadonlyMap<string, number> | undefined {
  const libraries = symbolMap.libraries as Readonly<Record<string, Readonly<Record<string, SymbolFacts>>>>;
  const symbols = Object.hasOwn(libraries, library) ? libraries[library] : undefined;
  if (symbols === undefined) return undefined;
  return new Map(Object.entries(symbols).map(([name, facts]) => [name, firstApi(facts, architecture)]));
}

function firstApi(facts: SymbolFacts, architecture: AndroidArchitecture): number {
  return facts.sinceByArch === undefined
    ? (facts.since ?? Infinity)
    : (facts.sinceByArch[architecture] ?? Infinity);
}

function definition(symbol: string, isData: boolean): string {
  if (isData)
    return `.data\n.globl ${symbol}\n.type ${symbol}, %object\n.size ${symbol}, 8\n${symbol}: .quad 0\n.text\n`;
  return `.globl ${symbol}\n.type ${symbol}, %function\n${symbol}:\n`;
}

function versionScript(symbols: readonly (readonly [string, SymbolFacts])[]): string {
  const nodes = new Map<string, string[]>();
  for (const [symbol, facts] of symbols) {
    const node = facts.version ?? "LIBC";
    nodes.set(node, [...(nodes.get(node) ?? []), symbol]);
  }
  return [...nodes]
    .map(([node, names]) => `${node} { global: ${names.map((name) => `${name};`).join(" ")} };\n`)
    .join("");
}
