// LLVM's own tools see what each mutation of a library changed: the proofs do not rest on our reading of the formats.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { corpusFile } from "../inspect/corpus-cache.ts";
import { gates } from "./gates.ts";
import type { ExaminedMutation, Origin } from "./mutation/examined-mutation.ts";
import { examinedMutations } from "./mutation/examined-mutations.ts";
import { goodBytes } from "./mutation/good-bytes.ts";
import { sights, unseen, type LlvmFormat, type Sight } from "./mutation/llvm-sight.ts";
import { mutations } from "./mutation/mutations.ts";

const folder = mkdtempSync(join(tmpdir(), "llvm-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The newest of the tools by its own name or Debian's; undefined where it is not installed. */
function tool(name: string): string | undefined {
  return [`${name}-22`, name].find((program) => spawnSync(program, ["--version"]).error === undefined);
}

const names = ["readelf", "readobj", "objdump", "nm", "ar", "strings"].map((name) => `llvm-${name}`);
const tools = new Map(names.map((name) => [name, tool(name)]));
const hasLlvm = [...tools.values()].every((found) => found !== undefined);
if (process.env["FORBID_SKIPS"] === "1" && !hasLlvm)
  throw new Error("LLVM's tools are missing: apt-get install llvm");

const imageTables = [
  "--file-headers",
  "--sections",
  "--coff-exports",
  "--coff-imports",
  "--coff-debug-directory",
];
const commands: Readonly<Record<LlvmFormat, readonly (readonly [string, ...string[]])[]>> = {
  elf: [["llvm-readelf", "-hlSdVnA", "--dyn-syms", "--dyn-relocations", "-W"]],
  pe: [
    ["llvm-readobj", ...imageTables],
    ["llvm-objdump", "--private-headers"],
  ],
  macho: [
    ["llvm-objdump", "--macho", "--universal-headers"],
    ["llvm-objdump", "--macho", "--private-headers", "--arch", "all"],
    ["llvm-objdump", "--macho", "--exports-trie", "--arch", "all"],
  ],
  archive: [
    ["llvm-nm", "--print-armap"],
    ["llvm-readobj", "--file-headers", "--symbols", "--coff-directives"],
    ["llvm-objdump", "--macho", "--private-headers"],
    ["llvm-ar", "tv"],
  ],
  wasm: [["llvm-objdump", "--section-headers"]],
};

const others = {
  texts: ["llvm-strings"],
  contents: ["llvm-objdump", "--full-contents"],
} as const;

/** Every mutation that changes a library, ours in the form of those that the doctor meets alone. */
const all: readonly Pick<ExaminedMutation, "gate" | "breaks" | "origin" | "fileName" | "apply">[] = [
  ...mutations.map(({ triple, file, ...rest }) => ({ ...rest, origin: { fixture: `${triple}/${file}` } })),
  ...examinedMutations,
];

describe.skipIf(!hasLlvm)("LLVM's tools (apt-get install llvm) see", () => {
  for (const [index, mutation] of all.entries()) {
    const { gate, breaks, origin } = mutation;
    if (unseen[`${gate}: ${breaks}`] !== undefined) continue;
    test.skipIf(isMissing(origin))(`that ${breaks} (${gate}, ${nameOf(origin)})`, () =>
      proves(mutation, join(folder, String(index))),
    );
  }
});

test("what they cannot see is a mutation, and the reason stands beside it", () => {
  const known = new Set(all.map(({ gate, breaks }) => `${gate}: ${breaks}`));
  expect(Object.keys(unseen).filter((name) => !known.has(name))).toEqual([]);
});

test("every gate says what they must see", () => {
  expect(Object.keys(sights).sort()).toEqual(
    gates
      .map(({ id }) => id)
      .filter((id) => id !== "import-library-missing")
      .sort(),
  );
});

async function proves(mutation: (typeof all)[number], place: string): Promise<void> {
  const { gate, origin, fileName = basename(nameOf(origin)) } = mutation;
  const good = await goodBytes(origin);
  const format = formatOf(good);
  const { bytes } = mutation.apply(Buffer.from(good));
  if (bytes === undefined) throw new Error("the mutation removes the file");
  mkdirSync(place);

  const changes = [sights[gate] ?? []].flat().flatMap(({ look, line: lineOf }) => {
    const line = lineOf instanceof RegExp ? lineOf : lineOf[format];
    if (line === undefined) return [];
    const before = known(`${look} ${fileName} ${nameOf(origin)}`, () =>
      lines(place, fileName, good, look, format),
    );
    const changed = onlyInOne(before, lines(place, fileName, bytes, look, format));
    return [{ changed, seen: changed.filter((text) => line.test(text)) }];
  });

  const instead = changes.flatMap(({ changed }) => changed.slice(0, 20)).join("\n");
  const isSeen = changes.some(({ seen }) => seen.length > 0);
  expect(isSeen, instead).toBe(true);
}

const linesOfGood = new Map<string, readonly string[]>();

/** Many mutations begin with the same library. */
function known(key: string, make: () => readonly string[]): readonly string[] {
  const found = linesOfGood.get(key) ?? make();
  linesOfGood.set(key, found);
  return found;
}

/** What the tools print, errors among it: LLVM may refuse what was broken. */
function lines(
  place: string,
  fileName: string,
  bytes: Buffer,
  look: Sight["look"],
  format: LlvmFormat,
): string[] {
  writeFileSync(join(place, fileName), bytes);
  const wanted = look === "tables" ? commands[format] : [others[look]];
  return wanted.flatMap(([program, ...args]) => {
    const { stdout, stderr } = spawnSync(tools.get(program) ?? program, [...args, fileName], {
      cwd: place,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    return `${stdout}\n${stderr}`.split("\n");
  });
}

function onlyInOne(before: readonly string[], after: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of before) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of after) counts.set(line, (counts.get(line) ?? 0) - 1);
  return [...counts].filter(([, count]) => count !== 0).map(([line]) => line);
}

function formatOf(bytes: Buffer): LlvmFormat {
  if (bytes.readUInt32BE(0) === 0x7f454c46) return "elf";
  if (bytes.readUInt32BE(0) === 0x0061736d) return "wasm";
  const start = bytes.toString("latin1", 0, 2);
  if (start === "MZ") return "pe";
  return start === "!<" ? "archive" : "macho";
}

function isMissing(origin: Origin): boolean {
  return process.env["FORBID_SKIPS"] !== "1" && "corpus" in origin && corpusFile(origin.corpus) === undefined;
}

function nameOf(origin: Origin): string {
  if ("make" in origin) return origin.name;
  return "fixture" in origin ? origin.fixture : `${origin.corpus}/${origin.member}`;
}
