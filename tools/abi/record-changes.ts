// What changed in a struct or union, class by class: its size, its alignment, and the place and type of each field.
import { cDeclaration } from "../generate/c-type.ts";
import { abiClasses, type AbiClass, type AbiModel, type RecordModel } from "../header/model.ts";
import { machineType } from "./machine-type.ts";

export interface Difference {
  /** Classes of layout that it is met in. */
  readonly classes: readonly AbiClass[];
  readonly text: string;
  readonly breaking: boolean;
}

export function recordDifferences(
  [beforeModel, before]: readonly [AbiModel, RecordModel],
  [afterModel, after]: readonly [AbiModel, RecordModel],
): Difference[] {
  if (before.kind !== after.kind)
    return [{ classes: abiClasses, text: `${before.kind} -> ${after.kind}`, breaking: true }];
  const [left, right] = [
    [beforeModel, before],
    [afterModel, after],
  ] as const;
  const renamed = renamedFields(left, right);
  const found = abiClasses.flatMap((abiClass) =>
    layoutTexts(before, after, abiClass, renamed).map((text) => ({ abiClass, text })),
  );
  const breaking = !addsToUnion(before, after);
  return [...grouped(found, breaking), ...typeDifferences(left, right)];
}

function layoutTexts(
  before: RecordModel,
  after: RecordModel,
  abiClass: AbiClass,
  renamed: ReadonlyMap<string, string>,
): string[] {
  const [old, present] = [before.layout[abiClass], after.layout[abiClass]];
  const [places, presentPlaces] = [placesOf(before, abiClass), placesOf(after, abiClass)];
  const gone = [...places].flatMap(([name, place]) => {
    const now = presentPlaces.get(name);
    const another = renamed.get(name);
    if (now === undefined)
      return [another === undefined ? `${name} is gone` : `${name} is called ${another}`];
    return now === place ? [] : [`${name} ${place} -> ${now}`];
  });
  const newNames = new Set(renamed.values());
  const added = [...presentPlaces]
    .filter(([name]) => !places.has(name) && !newNames.has(name))
    .map(([name, place]) => `${name} added ${place}`);
  return [
    ...(old.size === present.size ? [] : [`size ${old.size} -> ${present.size}`]),
    ...(old.align === present.align ? [] : [`alignment ${old.align} -> ${present.align}`]),
    ...gone,
    ...added,
  ];
}

/** Fields that have another name and are the same bits at the same place in every class: programs that name them break. */
function renamedFields(
  [beforeModel, before]: readonly [AbiModel, RecordModel],
  [afterModel, after]: readonly [AbiModel, RecordModel],
): Map<string, string> {
  const bitsOf = (model: AbiModel, record: RecordModel, index: number): string =>
    abiClasses
      .map((abiClass) => {
        const place = [...placesOf(record, abiClass).values()][index] ?? "";
        const type = record.fields[index]?.type;
        return `${place}: ${type === undefined ? "" : machineType(model, type, abiClass)}`;
      })
      .join("; ");
  const isIn = (record: RecordModel, name: string): boolean =>
    name === "" || record.fields.some((field) => field.name === name);
  const fresh = new Map(
    after.fields.flatMap(({ name }, index) =>
      isIn(before, name) ? [] : [[bitsOf(afterModel, after, index), name] as const],
    ),
  );
  return new Map(
    before.fields.flatMap(({ name }, index) => {
      const another = isIn(after, name) ? undefined : fresh.get(bitsOf(beforeModel, before, index));
      return another === undefined ? [] : [[name, another] as const];
    }),
  );
}

/**
 * Whether a union got members and nothing else, not even another way to be passed by value: with an integer or pointer
 * as large as itself it is handed over in the registers of integers, whatever else it holds.
 */
function addsToUnion(before: RecordModel, after: RecordModel): boolean {
  if (before.kind !== "union") return false;
  const present = new Set(after.fields.map(({ name }) => name));
  return (
    before.fields.every(({ name }) => name !== "" && present.has(name)) &&
    abiClasses.every((abiClass) => {
      const [old, now] = [before.layout[abiClass], after.layout[abiClass]];
      const isWhole = before.fields.some(
        ({ type }, index) =>
          (type.kind === "integer" || type.kind === "pointer") && old.fields[index]?.size === old.size,
      );
      return isWhole && old.size === now.size && old.align === now.align;
    })
  );
}

/** Where each field lies, in words. */
function placesOf({ fields, layout }: RecordModel, abiClass: AbiClass): Map<string, string> {
  return new Map(
    fields.map(({ name, bits }, index) => {
      const { offset = 0, bitOffset } = layout[abiClass].fields[index] ?? {};
      const place = bits === undefined ? `at ${offset}` : `at ${offset}, bit ${bitOffset ?? 0}, ${bits} wide`;
      return [name === "" ? `field ${index}` : name, place];
    }),
  );
}

/** The same words in several classes are said once. */
function grouped(
  found: readonly { readonly abiClass: AbiClass; readonly text: string }[],
  breaking: boolean,
): Difference[] {
  const classesOf = new Map<string, AbiClass[]>();
  for (const { abiClass, text } of found) classesOf.set(text, [...(classesOf.get(text) ?? []), abiClass]);
  return [...classesOf].map(([text, classes]) => ({ classes, text, breaking }));
}

function typeDifferences(
  [beforeModel, before]: readonly [AbiModel, RecordModel],
  [afterModel, after]: readonly [AbiModel, RecordModel],
): Difference[] {
  return before.fields.flatMap(({ name, type }): Difference[] => {
    const present = after.fields.find((field) => field.name === name && name !== "");
    if (present === undefined) return [];
    const [left, right] = [
      cDeclaration(beforeModel, type, name),
      cDeclaration(afterModel, present.type, name),
    ];
    if (left === right) return [];
    const classes = abiClasses.filter(
      (abiClass) =>
        machineType(beforeModel, type, abiClass) !== machineType(afterModel, present.type, abiClass),
    );
    const text = `${left} -> ${right}`;
    return [{ classes: classes.length === 0 ? abiClasses : classes, text, breaking: classes.length > 0 }];
  });
}
