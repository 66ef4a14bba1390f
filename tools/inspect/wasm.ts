// Reads WebAssembly modules: sections, imports, exports, memories, and what the custom sections say of their making.
import type { Cursor } from "./cursor.ts";
import type { Located, Place } from "./facts.ts";
import { uleb } from "./leb128.ts";
import type { WasmExport, WasmFacts, WasmImport, WasmKind, WasmMemory, WasmSection } from "./wasm-facts.ts";
import { WasmReader } from "./wasm-reader.ts";

const moduleVersion = 1;
const sectionNames = [
  "custom",
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "start",
  "element",
  "code",
  "data",
  "data count",
  "tag",
];
const section = { custom: 0, import: 2, function: 3, memory: 5, export: 7, start: 8, data: 11 } as const;
/** Work for an entry that has two bytes at least and whose facts take a hundred. */
const perSection = 32;
const kinds: readonly WasmKind[] = ["function", "table", "memory", "global", "tag"];

export function isWasm(file: Cursor): boolean {
  return file.length >= 8 && file.startsWith("\0asm");
}

export function readWasm(unordered: Cursor): WasmFacts {
  const file = unordered.ordered(true);
  // The upper half is the layer: 0 modules, 1 components.
  const version = file.u32(4, "version");
  const component = version >>> 16 !== 0;
  if (!component && version !== moduleVersion)
    throw file.malformed(4, `version ${version} of WebAssembly is not known`);
  const sections = readSections(file, component);
  const contents = (id: number): Cursor | undefined =>
    component
      ? undefined
      : contentOf(
          file,
          sections.find((candidate) => candidate.id === id),
        );
  const custom = (name: string): Cursor | undefined =>
    contentOf(
      file,
      sections.find((candidate) => candidate.name === name),
    );
  const { imports, memories: importedMemories } = readImports(contents(section.import));
  const memories = [...importedMemories, ...readMemories(contents(section.memory))];
  const wide = memories.some((memory) => memory.wide);
  return {
    format: "wasm",
    cpu: wide ? "wasm64" : "wasm32",
    bits: wide ? 64 : 32,
    machine: { section: "magic number", offset: file.base, value: 0x6d736100 },
    kind: component ? "component" : "module",
    version: { section: "version", offset: file.base + 4, value: version },
    sections,
    imports,
    exports: readExports(contents(section.export)),
    memories,
    functions: countOf(contents(section.function)),
    start: readStart(contents(section.start)),
    data: readData(contents(section.data)),
    producers: readProducers(custom("producers")),
    targetFeatures: readTargetFeatures(custom("target_features")),
    hasNames: custom("name") !== undefined,
    hasDebugInfo: custom(".debug_info") !== undefined,
    relocatable: custom("linking") !== undefined,
  };
}

/** Sections with their content; of a custom section `offset` and `bytes` are those after its name. */
function readSections(file: Cursor, component: boolean): WasmSection[] {
  const sections: WasmSection[] = [];
  const seen = new Set<number>();
  for (let at = 8; at < file.length;) {
    const id = file.u8(at, "section");
    const size = uleb(file, at + 1, "size of section");
    const content = file.slice(size.end, size.value, "section");
    file.spend(perSection, at, "section");
    // Only components and custom sections may repeat.
    if (!component && id !== section.custom && seen.has(id))
      throw file.malformed(at, `section ${id} stands twice`);
    seen.add(id);
    sections.push(id === section.custom ? customSection(content) : plainSection(id, content));
    at = size.end + size.value;
  }
  return sections;
}

function plainSection(id: number, content: Cursor): WasmSection {
  const name = `${sectionNames[id] ?? `number ${id}`} section`;
  return { section: name, offset: content.base, id, name: undefined, bytes: content.length };
}

function customSection(content: Cursor): WasmSection {
  const reader = new WasmReader(content, "name of custom section");
  const name = reader.text();
  return {
    section: `custom section ${name}`,
    offset: content.base + reader.at,
    id: 0,
    name,
    bytes: content.length - reader.at,
  };
}

function contentOf(file: Cursor, found: WasmSection | undefined): Cursor | undefined {
  return found === undefined ? undefined : file.slice(found.offset - file.base, found.bytes, found.section);
}

function readImports(content: Cursor | undefined): { imports: WasmImport[]; memories: WasmMemory[] } {
  const imports: WasmImport[] = [];
  const memories: WasmMemory[] = [];
  if (content === undefined) return { imports, memories };
  const reader = new WasmReader(content, "import section");
  for (let left = reader.number(); left > 0; left -= 1) {
    const place = reader.place();
    const module = reader.text();
    const name = reader.text();
    const kind = kindOf(reader);
    const memoryPlace = reader.place();
    if (kind === "function") reader.number();
    else if (kind === "memory") memories.push(readMemory(reader, memoryPlace, true));
    else if (kind === "global") skipGlobal(reader);
    else if (kind === "table") skipTable(reader);
    else skipTag(reader);
    imports.push({ ...place, module, name, kind });
  }
  return { imports, memories };
}

function kindOf(reader: WasmReader): WasmKind {
  const number = reader.byte();
  const kind = kinds[number];
  if (kind === undefined) throw reader.malformed(`kind ${number} of import or export is not known`);
  return kind;
}

/** Value type, then whether it can be changed. */
function skipGlobal(reader: WasmReader): void {
  reader.valueType();
  reader.byte();
}

/** Type of elements, then limits. */
function skipTable(reader: WasmReader): void {
  reader.valueType();
  readLimits(reader);
}

/** Attribute, then index of the type. */
function skipTag(reader: WasmReader): void {
  reader.byte();
  reader.number();
}

interface Limits {
  readonly flags: number;
  readonly minimum: bigint;
  readonly maximum: bigint | undefined;
}

/** Flag 1: there is a maximum; 2: shared by threads; 4: 64-bit addresses; 8: a page size of its own. */
function readLimits(reader: WasmReader): Limits {
  const flags = reader.byte();
  const minimum = reader.wide();
  return { flags, minimum, maximum: (flags & 1) === 0 ? undefined : reader.wide() };
}

function readMemory(reader: WasmReader, place: Place, imported: boolean): WasmMemory {
  reader.spend(perSection);
  const { flags, minimum, maximum } = readLimits(reader);
  const pageBytes = (flags & 8) === 0 ? 65_536 : 2 ** Math.min(reader.number(), 16);
  return {
    ...place,
    imported,
    minimum,
    maximum,
    shared: (flags & 2) !== 0,
    wide: (flags & 4) !== 0,
    pageBytes,
  };
}

function readMemories(content: Cursor | undefined): WasmMemory[] {
  if (content === undefined) return [];
  const reader = new WasmReader(content, "memory section");
  const memories: WasmMemory[] = [];
  for (let left = reader.number(); left > 0; left -= 1)
    memories.push(readMemory(reader, reader.place(), false));
  return memories;
}

function readExports(content: Cursor | undefined): WasmExport[] {
  if (content === undefined) return [];
  const reader = new WasmReader(content, "export section");
  const exports: WasmExport[] = [];
  for (let left = reader.number(); left > 0; left -= 1) {
    const place = reader.place();
    const value = reader.text();
    const kind = kindOf(reader);
    reader.number();
    exports.push({ ...place, value, kind });
  }
  return exports;
}

function countOf(content: Cursor | undefined): number {
  return content === undefined ? 0 : uleb(content, 0, "function section").value;
}

function readStart(content: Cursor | undefined): Located<number> | undefined {
  return content === undefined
    ? undefined
    : {
        section: "start section",
        offset: content.base,
        value: uleb(content, 0, "start section").value,
      };
}

function readData(content: Cursor | undefined): WasmFacts["data"] {
  if (content === undefined) return { segments: 0, bytes: 0 };
  // Initial offsets are expressions; the number of segments and the section's size say enough.
  return { segments: uleb(content, 0, "data section").value, bytes: content.length };
}

function readProducers(content: Cursor | undefined): WasmFacts["producers"] {
  if (content === undefined) return [];
  const reader = new WasmReader(content, "producers section");
  const found: { field: string; name: string; version: string }[] = [];
  for (let fields = reader.number(); fields > 0; fields -= 1) {
    const field = reader.text();
    for (let left = reader.number(); left > 0; left -= 1)
      found.push({ field, name: reader.text(), version: reader.text() });
  }
  return found;
}

function readTargetFeatures(content: Cursor | undefined): Located<string>[] {
  if (content === undefined) return [];
  const reader = new WasmReader(content, "target_features section");
  const features: Located<string>[] = [];
  for (let left = reader.number(); left > 0; left -= 1) {
    const place = reader.place();
    const prefix = String.fromCharCode(reader.byte());
    features.push({ ...place, value: `${prefix}${reader.text()}` });
  }
  return features;
}
