// Compares two ABI models: what was added, removed and changed, and what that means for programs built against the old one.
import { cDeclaration, cFunctionPointer } from "../generate/c-type.ts";
import {
  abiClasses,
  type AbiClass,
  type AbiModel,
  type ConstantModel,
  type ConstantValue,
  type CType,
  type Signature,
} from "../header/model.ts";
import { machineSignature, machineType } from "./machine-type.ts";
import { recordDifferences, type Difference } from "./record-changes.ts";
import { isVersionConstant, stepBetween, versionOf, type VersionStep } from "./version-macros.ts";

export interface AbiChange {
  readonly change: "added" | "removed" | "changed";
  readonly kind:
    "function" | "variable" | "constant" | "version" | "typedef" | "callback" | "enum" | "record" | "opaque";
  readonly name: string;
  /** Whether a program that was built against the old header may fail with the new library, or may not compile. */
  readonly breaking: boolean;
  /** Classes of layout in which it differs: pointer size and alignment of 64-bit integers. */
  readonly classes: readonly AbiClass[];
  /** What it was and what it is, where it changed. */
  readonly detail: string;
}

export interface AbiDiff {
  readonly format: 1;
  /** The smallest step of the version that tells the truth about the changes. */
  readonly verdict: "same" | "minor" | "major";
  /** What the headers say of themselves. */
  readonly version: {
    readonly before: string | null;
    readonly after: string | null;
    readonly step: VersionStep | null;
  };
  /** Whether the version that the new header says grew by less than the verdict. */
  readonly understated: boolean;
  readonly changes: readonly AbiChange[];
}

/** Removed and changed declarations break programs; added ones, new names for the same bits, and versions do not. */
export function diffAbi(before: AbiModel, after: AbiModel): AbiDiff {
  const changes = completed(kinds.flatMap((entries) => changesOf(entries(before), entries(after))));
  const isMajor = changes.some(({ breaking }) => breaking);
  const isMinor = changes.some(({ kind }) => kind !== "version");
  const verdict = isMajor ? "major" : isMinor ? "minor" : "same";
  const version = versions(before, after);
  return { format: 1, verdict, version, understated: isUnderstated(verdict, version, before), changes };
}

/** A type that only pointers were had of, and whose inside is now told: nobody could depend on it. */
function completed(changes: readonly AbiChange[]): AbiChange[] {
  const names = (kind: string, change: string): Set<string> =>
    new Set(
      changes.filter((entry) => entry.kind === kind && entry.change === change).map(({ name }) => name),
    );
  const [opaque, complete] = [names("opaque", "removed"), names("record", "added")];
  return changes.flatMap((entry): AbiChange[] => {
    if (!opaque.has(entry.name) || !complete.has(entry.name)) return [entry];
    if (entry.kind === "opaque") return [];
    return entry.kind === "record"
      ? [{ ...entry, change: "changed", detail: "opaque -> complete" }]
      : [entry];
  });
}

function versions(before: AbiModel, after: AbiModel): AbiDiff["version"] {
  // A header alone does not say which of its versions is that of the ABI.
  const isComparable = (before.version === null) === (after.version === null);
  const [old, present] = isComparable ? [versionOf(before), versionOf(after)] : [];
  const step = old === undefined || present === undefined ? null : stepBetween(old, present);
  return { before: old?.join(".") ?? null, after: present?.join(".") ?? null, step };
}

/** Before 1.0 the second number is the one that says "breaking". */
function isUnderstated(verdict: AbiDiff["verdict"], { step }: AbiDiff["version"], before: AbiModel): boolean {
  if (step === null || verdict === "same") return step === "backwards";
  if (step === "major") return false;
  const isEarly = versionOf(before)?.[0] === 0;
  return step !== "minor" || (verdict === "major" && !isEarly);
}

/** One declaration, and how it differs from that of the other model. */
interface Entry {
  readonly kind: AbiChange["kind"];
  readonly name: string;
  differences(other: Entry): readonly Difference[];
}

const kinds: readonly ((model: AbiModel) => Entry[])[] = [
  (model) => model.functions.map((declared) => callable(model, "function", declared.name, declared)),
  (model) => model.variables.map(({ name, type }) => typed(model, "variable", name, type)),
  (model) => model.constants.map((constant) => constantEntry(constant, model.constants)),
  (model) => model.typedefs.map(({ name, type }) => typed(model, "typedef", name, type)),
  (model) => model.callbacks.map(({ name, signature }) => callable(model, "callback", name, signature)),
  (model) =>
    model.enums.flatMap(({ name, underlying, values }) => [
      said("enum", name, underlying),
      ...values.map((entry) => said("enum", `${name}.${entry.name}`, entry.value)),
    ]),
  (model) =>
    model.records.map((record) => {
      const entry = { kind: "record", name: record.name, model, record } as const;
      return {
        ...entry,
        differences: (other) => recordDifferences([model, record], recordOf(other)),
      };
    }),
  (model) => model.opaques.map(({ name, kind }) => said("opaque", name, kind)),
];

type RecordEntry = Entry & { readonly model: AbiModel; readonly record: AbiModel["records"][number] };

function recordOf(entry: Entry): readonly [AbiModel, AbiModel["records"][number]] {
  const { model, record } = entry as RecordEntry;
  return [model, record];
}

/** An entry that is told in words, and by what it is to the machine in each class. */
type Told = Entry & { readonly words: string; machine(abiClass: AbiClass): string };

function told(
  kind: AbiChange["kind"],
  name: string,
  words: string,
  machine: (abiClass: AbiClass) => string,
): Told {
  return {
    kind,
    name,
    words,
    machine,
    differences: (other) => toldDifferences({ words, machine, kind }, other as Told),
  };
}

function toldDifferences(
  before: Pick<Told, "words" | "machine" | "kind">,
  after: Pick<Told, "words" | "machine">,
): Difference[] {
  const classes = abiClasses.filter((abiClass) => before.machine(abiClass) !== after.machine(abiClass));
  if (before.words === after.words && classes.length === 0) return [];
  const isBinary = classes.length > 0;
  const breaking = before.kind !== "version" && (isBinary || losesConst(before.words, after.words));
  return [{ classes: isBinary ? classes : abiClasses, text: `${before.words} -> ${after.words}`, breaking }];
}

/** What took a pointer to `const` and takes one to a variable is no longer given texts and tables. */
function losesConst(before: string, after: string): boolean {
  return before.split("const ").length > after.split("const ").length;
}

function callable(model: AbiModel, kind: "function" | "callback", name: string, signature: Signature): Told {
  const words = cFunctionPointer(model, signature, "").replace("(*)", name);
  return told(kind, name, words, (abiClass) => machineSignature(model, signature, abiClass));
}

function typed(model: AbiModel, kind: "variable" | "typedef", name: string, type: CType): Told {
  return told(kind, name, cDeclaration(model, type, name), (abiClass) => machineType(model, type, abiClass));
}

function constantEntry(constant: ConstantModel, all: readonly ConstantModel[]): Told {
  const { name, value, perClass } = constant;
  const kind = isVersionConstant(constant, all) ? "version" : "constant";
  return told(kind, name, constantText(value), (abiClass) => constantText(perClass?.[abiClass] ?? value));
}

function constantText(value: ConstantValue): string {
  switch (value.kind) {
    case "string":
      return JSON.stringify(value.value);
    case "float":
      return value.text;
    case "integer":
    case "pointer":
      return value.value;
  }
}

function said(kind: AbiChange["kind"], name: string, words: string): Told {
  return told(kind, name, words, () => words);
}

function changesOf(before: readonly Entry[], after: readonly Entry[]): AbiChange[] {
  const [old, present] = [byName(before), byName(after)];
  const gone = before.flatMap((entry): AbiChange[] => {
    const { kind, name } = entry;
    const now = present.get(name);
    if (now === undefined)
      return [{ change: "removed", kind, name, breaking: true, classes: abiClasses, detail: "" }];
    const differences = entry.differences(now);
    if (differences.length === 0) return [];
    const breaking = differences.some((difference) => difference.breaking);
    const classes = abiClasses.filter((abiClass) =>
      differences.some((difference) => difference.classes.includes(abiClass)),
    );
    return [{ change: "changed", kind, name, breaking, classes, detail: detailOf(differences) }];
  });
  const added = after
    .filter(({ name }) => !old.has(name))
    .map(({ kind, name }): AbiChange => ({
      change: "added",
      kind,
      name,
      breaking: false,
      classes: abiClasses,
      detail: "",
    }));
  return [...gone, ...added];
}

/** Classes are named where a difference is not met in all. */
function detailOf(differences: readonly Difference[]): string {
  return differences
    .map(({ classes, text }) =>
      classes.length === abiClasses.length ? text : `${classes.join(", ")}: ${text}`,
    )
    .join("; ");
}

function byName(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.name, entry]));
}
