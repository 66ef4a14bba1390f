// Writes layout.g.ts, memory.g.ts, packers.g.ts and views.g.ts: how structs lie in packed memory, and their writers and readers.
import { VariableDeclarationKind, type SourceFile } from "ts-morph";
import type { AbiModel, FieldModel, RecordModel } from "../header/model.ts";
import { ToolError } from "../shared/errors.ts";
import { camelCase, resolved, type NodeBinding } from "./node-binding.ts";

/** One field of a struct as JavaScript sees it. */
interface Field {
  readonly name: string;
  readonly doc: string;
  readonly offset: number;
  readonly type: "u16" | "u32" | "u64" | "i64";
  /** A 64-bit field that is a handle, an offset or a size: below 2^53, a number. */
  readonly isSafe: boolean;
}

export function writeLayout(file: SourceFile, model: AbiModel): void {
  file.addVariableStatement({
    isExported: true,
    declarationKind: VariableDeclarationKind.Const,
    docs: ["Size and field offsets of each struct, in bytes."],
    declarations: [
      {
        name: "layout",
        initializer: (writer) => {
          writer.inlineBlock(() => {
            for (const record of model.records) {
              writer.write(`${record.name}: `).inlineBlock(() => {
                writer.writeLine(`size: ${record.layout.p8a8.size},`);
                writer.write("offsets: ").inlineBlock(() => {
                  for (const field of fieldsOf(model, record))
                    writer.writeLine(`${field.name}: ${field.offset},`);
                });
                writer.write(",").newLine();
              });
              writer.write(",").newLine();
            }
          });
          writer.write(" as const");
        },
      },
    ],
  });
}

/** The fixed part: four views over one buffer, and the writers of checked numbers. */
export function writeMemory(file: SourceFile): void {
  file.addStatements(`
/** One buffer under the widths that structs use. Every target is little-endian. */
export interface Memory {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
}

export function memoryOf(buffer: ArrayBuffer): Memory {
  return { u8: new Uint8Array(buffer), u16: new Uint16Array(buffer), u32: new Uint32Array(buffer) };
}

/** 2^32. */
const high = 0x1_0000_0000;

export function putU16(memory: Memory, offset: number, name: string, value: number): void {
  memory.u16[offset >>> 1] = whole(name, value, 0xffff);
}

export function putU32(memory: Memory, offset: number, name: string, value: number): void {
  memory.u32[offset >>> 2] = whole(name, value, 0xffff_ffff);
}

export function putU64(memory: Memory, offset: number, name: string, value: number | bigint): void {
  const at = offset >>> 2;
  if (typeof value === "bigint") {
    if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw outOfRange(name, value, "2^64-1");
    memory.u32[at] = Number(value & 0xffff_ffffn);
    memory.u32[at + 1] = Number(value >> 32n);
    return;
  }
  whole(name, value, Number.MAX_SAFE_INTEGER);
  memory.u32[at] = value % high;
  memory.u32[at + 1] = Math.floor(value / high);
}

export function getU16(memory: Memory, offset: number): number {
  return memory.u16[offset >>> 1] as number;
}

export function getU32(memory: Memory, offset: number): number {
  return memory.u32[offset >>> 2] as number;
}

/** A 64-bit integer that is known to be below 2^53. */
export function getSafeU64(memory: Memory, offset: number): number {
  const at = offset >>> 2;
  return (memory.u32[at] as number) + (memory.u32[at + 1] as number) * high;
}

export function getU64(memory: Memory, offset: number): bigint {
  const at = offset >>> 2;
  return BigInt(memory.u32[at] as number) + (BigInt(memory.u32[at + 1] as number) << 32n);
}

export function getI64(memory: Memory, offset: number): bigint {
  return BigInt.asIntN(64, getU64(memory, offset));
}

function whole(name: string, value: number, largest: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= largest) return value;
  throw outOfRange(name, value, largest);
}

function outOfRange(name: string, value: number | bigint, largest: number | string): RangeError {
  return new RangeError(\`\${name} must be a whole number from 0 to \${largest}, not \${value}\`);
}
`);
}

/** Packers of the structs that callers fill: those that start with struct_size. */
export function writePackers(file: SourceFile, model: AbiModel): void {
  const packed = model.records.filter((candidate) => isFilledByCaller(candidate));
  const types = packed.flatMap((record) => fieldsOf(model, record)).map(({ type }) => type);
  const writers = (["u16", "u32", "u64"] as const).filter((type) => types.includes(type));
  file.addImportDeclaration({
    moduleSpecifier: "./memory.g.ts",
    namedImports: [
      ...writers.map((type) => `put${type.toUpperCase()}`),
      { name: "Memory", isTypeOnly: true },
    ],
  });
  for (const record of packed) addPacker(file, model, record);
}

/** Views of the structs that the library writes, and of the error, which goes both ways. */
export function writeViews(file: SourceFile, model: AbiModel, binding: NodeBinding): void {
  const viewed = model.records.filter((candidate) => !isFilledByCaller(candidate));
  const fields = viewed.flatMap((record) => fieldsOf(model, record)).filter((field) => !isFixed(field));
  file.addImportDeclaration({
    moduleSpecifier: "./memory.g.ts",
    namedImports: [...new Set(fields.map(readerOf))].sort().concat("type Memory"),
  });
  for (const record of viewed) addView(file, model, record);
  file.addVariableStatement({
    isExported: true,
    declarationKind: VariableDeclarationKind.Const,
    docs: ["Where every failing call leaves its diagnosis, in the pinned memory."],
    declarations: [{ name: `${camelCase(lowerFirst(binding.errorRecord))}At`, initializer: "0" }],
  });
}

function addPacker(file: SourceFile, model: AbiModel, record: RecordModel): void {
  const fields = fieldsOf(model, record);
  const given = fields.filter((field) => !isFixed(field));
  const name = `${record.name}Fields`;
  file.addInterface({
    isExported: true,
    name,
    docs: documentation(record.doc),
    properties: given.map((field) => ({
      name: field.name,
      hasQuestionToken: true,
      isReadonly: true,
      type: field.type === "u64" && !field.isSafe ? "number | bigint" : "number",
      docs: documentation(field.doc),
    })),
  });
  file.addFunction({
    isExported: true,
    name: `pack${record.name}`,
    docs: [
      `Writes ${record.name} (${record.layout.p8a8.size} bytes) at \`offset\`; absent fields are 0. Throws RangeError.`,
    ],
    parameters: [
      { name: "memory", type: "Memory" },
      { name: "offset", type: "number" },
      { name: "fields", type: name },
    ],
    returnType: "void",
    statements: fields.map((field) => {
      const value =
        field.name === "structSize"
          ? String(record.layout.p8a8.size)
          : isFixed(field)
            ? "0"
            : `fields.${field.name} ?? 0`;
      return `put${field.type.toUpperCase()}(memory, offset + ${field.offset}, "${field.name}", ${value});`;
    }),
  });
}

function addView(file: SourceFile, model: AbiModel, record: RecordModel): void {
  const fields = fieldsOf(model, record).filter((field) => !isFixed(field));
  const view = file.addClass({
    isExported: true,
    name: `${record.name}View`,
    docs: [
      `${record.doc.replaceAll("\n", " ")}\nReads lazily; valid until the memory is written again.`.trim(),
    ],
    properties: [
      { name: "memory", type: "Memory", isReadonly: true },
      {
        name: "offset",
        type: "number",
        initializer: "0",
        docs: ["Where the struct starts, in bytes; 8-byte aligned."],
      },
    ],
    ctors: [{ parameters: [{ name: "memory", type: "Memory" }], statements: "this.memory = memory;" }],
  });
  view.addMethod({
    name: "at",
    parameters: [{ name: "offset", type: "number" }],
    returnType: "this",
    statements: ["this.offset = offset;", "return this;"],
  });
  for (const field of fields) {
    view.addGetAccessor({
      name: field.name,
      returnType: ["getU64", "getI64"].includes(readerOf(field)) ? "bigint" : "number",
      docs: documentation(field.doc),
      statements: `return ${readerOf(field)}(this.memory, this.offset + ${field.offset});`,
    });
  }
}

function readerOf(field: Field): string {
  if (field.type === "u64") return field.isSafe ? "getSafeU64" : "getU64";
  if (field.type === "i64") return "getI64";
  return field.type === "u16" ? "getU16" : "getU32";
}

function isFilledByCaller(record: RecordModel): boolean {
  return record.fields[0]?.name === "struct_size";
}

/** Fields that no caller chooses. */
function isFixed(field: Field): boolean {
  return field.name === "structSize" || /^reserved\d+$/.test(field.name);
}

function fieldsOf(model: AbiModel, record: RecordModel): readonly Field[] {
  const { p8a8, p4a8, p4a4 } = record.layout;
  const places = [p8a8, p4a8, p4a4].map((layout) => JSON.stringify([layout.size, layout.fields]));
  if (places.some((place) => place !== places[0])) {
    throw unsupported(record, "has more than one layout over the targets");
  }
  return record.fields.map((field, index) => ({
    name: camelCase(field.name),
    doc: field.doc,
    offset: p8a8.fields[index]?.offset ?? 0,
    type: widthOf(model, record, field),
    isSafe: isSafe(model, field),
  }));
}

function widthOf(model: AbiModel, record: RecordModel, field: FieldModel): Field["type"] {
  const type = resolved(model, field.type);
  if (type.kind === "integer" && field.bits === undefined) {
    if (type.name === "uint16_t") return "u16";
    if (type.name === "uint32_t") return "u32";
    if (type.name === "uint64_t") return "u64";
    // Numbers below zero are the library's to give, never the caller's.
    if (type.name === "int64_t" && !isFilledByCaller(record)) return "i64";
  }
  throw unsupported(
    record,
    `has a field "${field.name}" that is not a uint16_t, uint32_t, uint64_t, or an int64_t that the library fills`,
  );
}

/** Offsets and sizes of memory, and fields named like a handle that some function takes or gives. */
function isSafe(model: AbiModel, field: FieldModel): boolean {
  if (/_(offset|size)$/.test(field.name)) return true;
  return model.functions.some(({ params }) =>
    params.some(({ name, role }) => role.kind === "handle" && name === field.name),
  );
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function documentation(doc: string): string[] {
  return doc === "" ? [] : [doc];
}

function unsupported(record: RecordModel, what: string): ToolError {
  return new ToolError({
    code: "node-binding-unsupported",
    family: "finding",
    message: `${record.source.file}:${record.source.line}: ${record.spelling} ${what}; the Node binding cannot carry it`,
    remedy: "use fixed-width integers at natural offsets",
  });
}
