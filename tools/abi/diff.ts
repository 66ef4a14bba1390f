// Compares two ABI models: what was added, removed and changed, and what that means for programs built against the old one.
import { abiClasses, type AbiModel, type RecordModel } from "../header/model.ts";

export interface AbiChange {
  readonly change: "added" | "removed" | "changed";
  readonly kind: "function" | "variable" | "constant" | "typedef" | "callback" | "enum" | "record" | "opaque";
  readonly name: string;
  readonly breaking: boolean;
  /** What it was and what it is, where it changed. */
  readonly detail: string;
}

export interface AbiDiff {
  readonly verdict: "same" | "minor" | "major";
  readonly changes: readonly AbiChange[];
}

type Entry = readonly [name: string, value: unknown];

/** Removed and changed declarations break programs; added ones do not. */
export function diffAbi(before: AbiModel, after: AbiModel): AbiDiff {
  const changes = kinds.flatMap(({ kind, entries }) => changesOf(kind, entries(before), entries(after)));
  const isMajor = changes.some(({ breaking }) => breaking);
  return { verdict: isMajor ? "major" : changes.length > 0 ? "minor" : "same", changes };
}

const kinds: readonly {
  readonly kind: AbiChange["kind"];
  readonly entries: (model: AbiModel) => Entry[];
}[] = [
  {
    kind: "function",
    entries: (model) =>
      model.functions.map(({ name, convention, returns, params, variadic }) => [
        name,
        { convention, returns, params: params.map(({ type }) => type), variadic },
      ]),
  },
  { kind: "variable", entries: (model) => model.variables.map(({ name, type }) => [name, { type }]) },
  {
    kind: "constant",
    entries: (model) => model.constants.map(({ name, value, perClass }) => [name, { value, perClass }]),
  },
  { kind: "typedef", entries: (model) => model.typedefs.map(({ name, type }) => [name, { type }]) },
  {
    kind: "callback",
    entries: (model) =>
      model.callbacks.map(({ name, signature: { convention, returns, params, variadic } }) => [
        name,
        { convention, returns, params: params.map(({ type }) => type), variadic },
      ]),
  },
  {
    kind: "enum",
    entries: (model) =>
      model.enums.flatMap(({ name, underlying, values }) => [
        [name, { underlying }] as const,
        ...values.map((entry) => [`${name}.${entry.name}`, { value: entry.value }] as const),
      ]),
  },
  { kind: "record", entries: (model) => model.records.map((record) => [record.name, shapeOf(record)]) },
  { kind: "opaque", entries: (model) => model.opaques.map(({ name, kind }) => [name, { kind }]) },
];

/** Fields with their place in each class: "p4a8 handle" tells where a layout differs. */
function shapeOf({ kind, fields, layout }: RecordModel): unknown {
  const classes = abiClasses.flatMap((abiClass) => {
    const { size, align, fields: places } = layout[abiClass];
    return [
      [`${abiClass} size`, size],
      [`${abiClass} alignment`, align],
      ...fields.map(({ name }, index) => [`${abiClass} place of ${name || `field ${index}`}`, places[index]]),
    ];
  });
  const types = fields.map(({ name, type }, index) => [`type of ${name || `field ${index}`}`, type]);
  return { kind, ...Object.fromEntries([...classes, ...types]) };
}

function changesOf(kind: AbiChange["kind"], before: readonly Entry[], after: readonly Entry[]): AbiChange[] {
  const [old, present] = [new Map(before), new Map(after)];
  const gone = before.flatMap(([name, value]): AbiChange[] => {
    if (!present.has(name)) return [{ change: "removed", kind, name, breaking: true, detail: "" }];
    const detail = differences(value, present.get(name));
    return detail === "" ? [] : [{ change: "changed", kind, name, breaking: true, detail }];
  });
  const added = after
    .filter(([name]) => !old.has(name))
    .map(([name]): AbiChange => ({ change: "added", kind, name, breaking: false, detail: "" }));
  return [...gone, ...added];
}

function differences(before: unknown, after: unknown): string {
  const [old, present] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(old), ...Object.keys(present)])]
    .map((key) => [key, text(old[key]), text(present[key])] as const)
    .filter(([, left, right]) => left !== right)
    .map(([key, left, right]) => `${key}: ${left} -> ${right}`)
    .join("; ");
}

function text(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
