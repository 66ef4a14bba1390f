// The ABI hash: SHA-256 over what callers are compiled against.
// In: kinds, names, types, order of fields, parameters and values, layouts, constants. Out: comments, source positions, names of
// parameters, order of declarations, macros without a value, and the constants the overlay names (versions of the package).
import { createHash } from "node:crypto";
import {
  abiClasses,
  type AbiModel,
  type ConstantModel,
  type ConstantValue,
  type CType,
  type RecordModel,
  type Signature,
} from "./model.ts";
import type { Overlay } from "./overlay.ts";

/** 64 lower-case hex digits for the model cut down to what existed at ABI minor `minor`. */
export function abiHash(model: Omit<AbiModel, "hash">, overlay: Overlay, minor = Infinity): string {
  return createHash("sha256")
    .update(canonicalText(model, overlay, minor), "utf8")
    .digest("hex");
}

/** The text that is hashed: one line per declaration, sorted, so that moving a declaration changes nothing. */
export function canonicalText(model: Omit<AbiModel, "hash">, overlay: Overlay, minor = Infinity): string {
  const existed = ({ name }: { name: string }): boolean => (overlay.since[name] ?? 0) <= minor;
  const isHashed = (constant: ConstantModel): boolean => !overlay.hashWithout.includes(constant.name);
  const lines = [
    ...model.constants.filter(existed).filter(isHashed).map(constantLine),
    ...model.typedefs.filter(existed).map(({ name, type }) => `typedef ${name} ${spell(type)}`),
    ...model.callbacks
      .filter(existed)
      .map(({ name, signature }) => `callback ${name} ${spellSignature(signature)}`),
    ...model.enums
      .filter(existed)
      .map((item) => `enum ${item.name} ${item.underlying} ${pairs(item.values)}`),
    ...model.records.filter(existed).map((record) => recordLine(record, fieldsAt(record, overlay, minor))),
    ...model.opaques.filter(existed).map(({ kind, name }) => `opaque ${kind} ${name}`),
    ...model.functions.filter(existed).map((fn) => `function ${fn.name} ${spellSignature(fn)}`),
    ...model.variables.filter(existed).map(({ name, type }) => `variable ${name} ${spell(type)}`),
  ];
  return ["abi-model 1", ...lines.sort(), ""].join("\n");
}

function constantLine(constant: ConstantModel): string {
  const values =
    constant.perClass === undefined ? [constant.value] : abiClasses.map((name) => constant.perClass?.[name]);
  return `constant ${constant.name} ${values.map((value) => (value === undefined ? "" : spellValue(value))).join(" ")}`;
}

function spellValue(value: ConstantValue): string {
  switch (value.kind) {
    case "integer":
      return `${value.type} ${value.value}`;
    case "float":
      return `${value.type} ${value.text}`;
    case "string":
      return JSON.stringify(value.value);
    case "pointer":
      return `(${spell(value.type)}) ${value.value}`;
  }
}

/** How many fields the record had: it grows at its end. */
function fieldsAt(record: RecordModel, overlay: Overlay, minor: number): number {
  const isLater = ({ name }: { name: string }): boolean =>
    (overlay.since[`${record.name}.${name}`] ?? 0) > minor;
  const first = record.fields.findIndex(isLater);
  return first === -1 ? record.fields.length : first;
}

function recordLine(record: RecordModel, count: number): string {
  const fields = record.fields.slice(0, count).map((field, index) => {
    const offsets = abiClasses.map((name) => {
      const { offset, bitOffset } = record.layout[name].fields[index] ?? { offset: -1 };
      return bitOffset === undefined ? offset : `${offset}.${bitOffset}`;
    });
    return `${field.name} ${spell(field.type)}${field.bits === undefined ? "" : `:${field.bits}`} @${offsets.join("/")}`;
  });
  const sizes = abiClasses.map((name) => {
    const { size, align, fields: places } = record.layout[name];
    // Where the first later field lies, the record ended: no field needs padding before it.
    return `${places[count]?.offset ?? size}/${align}`;
  });
  return `${record.kind} ${record.name} ${sizes.join(" ")} { ${fields.join("; ")} }`;
}

function pairs(values: readonly { name: string; value: string }[]): string {
  return values.map(({ name, value }) => `${name}=${value}`).join(" ");
}

function spellSignature({ convention, returns, params, variadic }: Signature): string {
  const types = params.map(({ type }) => spell(type));
  // The platform's C convention has a name of its own on 32-bit Windows only.
  const called = convention === "cdecl" ? "default" : convention;
  return `${called} ${spell(returns)} (${[...types, ...(variadic ? ["..."] : [])].join(", ")})`;
}

/** One unambiguous spelling per type, from the outside in: `pointer(const char)`. */
function spell(type: CType): string {
  const qualifiers = `${type.const === true ? "const " : ""}${type.volatile === true ? "volatile " : ""}`;
  switch (type.kind) {
    case "void":
      return `${qualifiers}void`;
    case "pointer":
      return `${qualifiers}pointer(${spell(type.to)})`;
    case "array":
      return `${qualifiers}array(${spell(type.of)}, ${type.length ?? ""})`;
    case "function":
      return `function(${spellSignature(type.signature)})`;
    default:
      return `${qualifiers}${type.kind} ${type.name}`;
  }
}
