// One model from the three classes: constants and layouts per class, everything else must be the same in all.
import { abiHash } from "./hash.ts";
import type { ClassModel } from "./assemble.ts";
import {
  abiClasses,
  type AbiClass,
  type AbiModel,
  type ConstantModel,
  type PerClass,
  type RecordModel,
} from "./model.ts";
import { overlayError, type Overlay } from "./overlay.ts";
import { functionModel } from "./semantics.ts";
import { HeaderError } from "./source.ts";
import { nearestNames } from "../shared/nearest.ts";

export interface ModelIdentity {
  readonly name: string;
  readonly headers: readonly string[];
  readonly overlayFile: string;
}

export function merge(classes: PerClass<ClassModel>, overlay: Overlay, identity: ModelIdentity): AbiModel {
  const base = classes.p8a8;
  for (const abiClass of abiClasses) compareDeclarations(base, classes[abiClass]);
  const constants = base.constants.map((constant, index) => mergeConstant(constant, index, classes, overlay));
  const model: Omit<AbiModel, "hash"> = {
    format: 1,
    name: identity.name,
    headers: identity.headers,
    version: abiVersion(constants, overlay, identity.overlayFile),
    floors: overlay.floors,
    names: overlay.names,
    groups: overlay.groups,
    constants,
    typedefs: base.typedefs,
    callbacks: base.callbacks,
    enums: base.enums,
    records: base.records.map((record, index) => mergeRecord(record, index, classes)),
    opaques: base.opaques,
    functions: base.functions.map((fn) => functionModel(fn, base, overlay)),
    variables: base.variables,
    macros: base.macros,
  };
  checkOverlay(model, overlay, identity.overlayFile);
  checkFloors(model, overlay, identity.overlayFile);
  const { format, name, headers, version, ...rest } = model;
  return { format, name, headers, version, hash: abiHash(model, overlay), ...rest };
}

/** Declarations that depend on the class would need one binding per class, so they are refused. */
function compareDeclarations(base: ClassModel, other: ClassModel): void {
  const kinds = [
    "constants",
    "typedefs",
    "callbacks",
    "enums",
    "records",
    "opaques",
    "functions",
    "variables",
  ] as const;
  for (const kind of kinds) {
    const known = new Map(other[kind].map((item) => [item.name, comparable(item)]));
    for (const item of base[kind]) {
      if (known.get(item.name) !== comparable(item)) throw differs(item.name, base, other);
      known.delete(item.name);
    }
    for (const extra of known.keys()) throw differs(extra, other, base);
  }
}

/** Values, layouts and array lengths may depend on the class; they are computed for each. */
function comparable(item: unknown): string {
  const left = new Set(["value", "layout", "length", "doc", "source"]);
  return JSON.stringify(item, (key, value: unknown) => (left.has(key) ? undefined : value));
}

function differs(name: string, one: ClassModel, other: ClassModel): Error {
  const token = one.tokens.get(name);
  const problem = `the declaration of '${name}' is not the same in the ABI classes ${one.abiClass} and ${other.abiClass}`;
  const remedy = "declare it with types that do not depend on the target";
  if (token === undefined) return new Error(problem);
  return new HeaderError("header-class-dependent", token, problem, remedy);
}

function mergeConstant(
  constant: ConstantModel,
  index: number,
  classes: PerClass<ClassModel>,
  overlay: Overlay,
): ConstantModel {
  const value = (abiClass: AbiClass): ConstantModel["value"] =>
    classes[abiClass].constants[index]?.value ?? constant.value;
  const perClass = { p8a8: value("p8a8"), p4a8: value("p4a8"), p4a4: value("p4a4") };
  const isSame = abiClasses.every(
    (abiClass) => JSON.stringify(perClass[abiClass]) === JSON.stringify(constant.value),
  );
  const group = overlay.groups
    .filter((prefix) => constant.name.startsWith(prefix))
    .sort((a, b) => b.length - a.length)[0];
  return { ...constant, ...(isSame ? {} : { perClass }), ...(group === undefined ? {} : { group }) };
}

function mergeRecord(
  record: ClassModel["records"][number],
  index: number,
  classes: PerClass<ClassModel>,
): RecordModel {
  const layout = (abiClass: AbiClass): RecordModel["layout"][AbiClass] =>
    classes[abiClass].records[index]?.layout ?? record.layout;
  return { ...record, layout: { p8a8: layout("p8a8"), p4a8: layout("p4a8"), p4a4: layout("p4a4") } };
}

function abiVersion(
  constants: readonly ConstantModel[],
  overlay: Overlay,
  file: string,
): AbiModel["version"] {
  if (overlay.version === undefined) return null;
  const number = (name: string): number => {
    const value = constants.find((constant) => constant.name === name)?.value;
    if (value?.kind === "integer") return Number(value.value);
    throw overlayError(
      file,
      `"version" names ${name}, which is no integer constant of the header`,
      "name the version macros",
    );
  };
  const { major, minor, patch } = overlay.version;
  return { major: number(major), minor: number(minor), patch: number(patch) };
}

/** What callers of an earlier minor rely on must be as it was: the library answers them with these hashes. */
function checkFloors(model: Omit<AbiModel, "hash">, overlay: Overlay, file: string): void {
  const minor = model.version?.minor ?? 0;
  if (overlay.floors.length !== minor) {
    throw overlayError(
      file,
      `"floors" has ${overlay.floors.length} hashes for an ABI of minor ${minor}`,
      "give one hash for each earlier minor, from 0 on",
    );
  }
  overlay.floors.forEach((expected, floor) => {
    const actual = abiHash(model, overlay, floor);
    if (actual === expected) return;
    throw overlayError(
      file,
      `what existed at ABI minor ${floor} has changed: its hash is ${actual} instead of ${expected}`,
      'name every added declaration in "since"; a changed one needs another major',
    );
  });
}

/** Every name of the overlay must exist, so that a renamed function cannot lose its meaning in silence. */
function checkOverlay(model: Omit<AbiModel, "hash">, overlay: Overlay, file: string): void {
  const constants = model.constants.map(({ name }) => name);
  const functions = model.functions.map(({ name }) => name);
  const typedefs = model.typedefs.map(({ name }) => name);
  const check = (where: string, name: string, known: readonly string[]): void => {
    if (known.includes(name)) return;
    const nearest = nearestNames(name, known);
    const remedy =
      nearest.length > 0 ? `did you mean ${nearest.join(", ")}?` : "remove it, or declare it in the header";
    throw overlayError(file, `"${where}" names ${name}, which the header does not declare`, remedy);
  };
  const { status, handle, error } = overlay.names;
  if (status !== undefined) check("names.status", status, typedefs);
  if (handle !== undefined) check("names.handle", handle, typedefs);
  if (error !== undefined)
    check(
      "names.error",
      error,
      model.records.map(({ name }) => name),
    );
  for (const name of overlay.hashWithout) check("hashWithout", name, constants);
  for (const name of overlay.blocks) check("blocks", name, functions);
  const others = [...model.records, ...model.callbacks, ...model.enums, ...model.opaques, ...model.variables];
  const fields = model.records.flatMap((record) => record.fields.map(({ name }) => `${record.name}.${name}`));
  const declared = [...functions, ...constants, ...typedefs, ...others.map(({ name }) => name), ...fields];
  for (const name of Object.keys(overlay.since)) check("since", name, declared);
  for (const prefix of overlay.groups) {
    if (!constants.some((name) => name.startsWith(prefix))) check("groups", prefix, constants);
  }
  for (const where of ["nullable", "alsoOnFailure"] as const) {
    for (const [name, params] of Object.entries(overlay[where])) {
      check(where, name, functions);
      const known = model.functions.find((fn) => fn.name === name)?.params.map((param) => param.name) ?? [];
      for (const param of params) check(`${where}.${name}`, param, known);
    }
  }
}
