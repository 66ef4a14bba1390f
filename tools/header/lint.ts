// Rules of our own headers beyond what C asks for; the overlay says which apply.
import type { LintName } from "./lint-names.ts";
import { abiClasses, type AbiModel, type CType, type FunctionModel, type RecordModel } from "./model.ts";

export interface LintFinding {
  readonly lint: LintName;
  /** The declaration it is about. */
  readonly name: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Everything the model violates of the lints asked for. */
export function lint(
  model: AbiModel,
  lints: readonly LintName[],
  functionPrefix: string,
): readonly LintFinding[] {
  return lints.flatMap((name) => runLint(name, model, functionPrefix));
}

function runLint(name: LintName, model: AbiModel, functionPrefix: string): LintFinding[] {
  const records = (check: (record: RecordModel) => string | null, remedy: string): LintFinding[] =>
    model.records.flatMap((record) => finding(name, record.name, check(record), remedy));
  const functions = (check: (fn: FunctionModel) => string | null, remedy: string): LintFinding[] =>
    model.functions.flatMap((fn) => finding(name, fn.name, check(fn), remedy));
  switch (name) {
    case "fixed-width-fields":
      return records(
        (record) => unfixedField(model, record),
        "use int8_t … uint64_t, arrays of them, or structs of them",
      );
    case "explicit-padding":
      return records(implicitPadding, "add a reserved field of that size");
    case "size-multiple-of-8":
      return records(oddSize, "add reserved fields up to a multiple of 8");
    case "one-layout":
      return records(differingLayout, "put 8-byte fields at multiples of 8, and use no pointers or long");
    case "no-record-by-value":
      return functions((fn) => recordByValue(model, fn), "pass a pointer to it");
    case "at-most-6-params":
      return functions(
        (fn) => (fn.params.length > 6 ? `${fn.params.length} parameters` : null),
        "put some of them into a struct",
      );
    case "flat-params":
      return functions((fn) => unflatParam(model, fn), "use a pointer, uint32_t, uint64_t or size_t");
    case "no-variadic":
      return functions((fn) => (fn.variadic ? "takes variable arguments" : null), "give it fixed parameters");
    case "function-prefix":
      return functions(
        (fn) => (fn.name.startsWith(functionPrefix) ? null : `does not start with ${functionPrefix}`),
        "rename it",
      );
    case "documented-functions":
      return functions(
        (fn) => (fn.doc === "" ? "has no comment above it" : null),
        "say what it does, who owns what, which thread, whether it blocks",
      );
    case "no-function-macros":
      return model.macros
        .filter(({ kind }) => kind === "function" || kind === "expression" || kind === "fragment")
        .flatMap((macro) =>
          finding(name, macro.name, "is a macro that only C can use", "make it a constant or a function"),
        );
  }
}

function finding(lintName: LintName, name: string, problem: string | null, remedy: string): LintFinding[] {
  return problem === null ? [] : [{ lint: lintName, name, problem, remedy }];
}

const fixedWidth = /^u?int(8|16|32|64)_t$/;

function unfixedField(model: AbiModel, record: RecordModel): string | null {
  if (record.kind === "union") return "is a union";
  const bad = record.fields.find((field) => field.bits !== undefined || !isFixed(model, field.type));
  return bad === undefined ? null : `field ${bad.name} is no fixed-width integer`;
}

function isFixed(model: AbiModel, type: CType): boolean {
  const resolved = resolve(model, type);
  if (resolved.kind === "integer") return fixedWidth.test(resolved.name);
  if (resolved.kind === "array") return resolved.length !== null && isFixed(model, resolved.of);
  return resolved.kind === "record";
}

function implicitPadding(record: RecordModel): string | null {
  if (record.kind === "union") return null;
  let end = 0;
  for (const [index, field] of record.layout.p8a8.fields.entries()) {
    if (field.offset !== end)
      return `${field.offset - end} bytes of padding before ${record.fields[index]?.name ?? ""}`;
    end = field.offset + field.size;
  }
  const rest = record.layout.p8a8.size - end;
  return rest === 0 ? null : `${rest} bytes of padding at its end`;
}

function oddSize(record: RecordModel): string | null {
  const { size } = record.layout.p8a8;
  return size % 8 === 0 ? null : `has ${size} bytes`;
}

/** Alignment is not compared: on p4a4 it is 4 whatever the struct looks like. */
function differingLayout(record: RecordModel): string | null {
  const shape = ({ size, fields }: { size: number; fields: readonly unknown[] }): string =>
    JSON.stringify([size, fields]);
  const expected = shape(record.layout.p8a8);
  const other = abiClasses.find((abiClass) => shape(record.layout[abiClass]) !== expected);
  return other === undefined
    ? null
    : `has ${record.layout.p8a8.size} bytes in class p8a8, but another layout with ${record.layout[other].size} in ${other}`;
}

function recordByValue(model: AbiModel, fn: FunctionModel): string | null {
  if (resolve(model, fn.returns).kind === "record") return "returns a struct by value";
  const bad = fn.params.find(({ type }) => resolve(model, type).kind === "record");
  return bad === undefined ? null : `takes ${bad.name} by value`;
}

function unflatParam(model: AbiModel, fn: FunctionModel): string | null {
  const bad = fn.params.find(({ type }) => !isFlat(resolve(model, type)));
  return bad === undefined ? null : `parameter ${bad.name} is none of the flat types`;
}

function isFlat(type: CType): boolean {
  return (
    type.kind === "pointer" ||
    (type.kind === "integer" && ["uint32_t", "uint64_t", "size_t"].includes(type.name))
  );
}

function resolve(model: AbiModel, type: CType): CType {
  if (type.kind !== "typedef") return type;
  const callback = model.callbacks.find(({ name }) => name === type.name);
  if (callback !== undefined)
    return { kind: "pointer", to: { kind: "function", signature: callback.signature } };
  const alias = model.typedefs.find(({ name }) => name === type.name);
  return alias === undefined ? type : resolve(model, alias.type);
}
