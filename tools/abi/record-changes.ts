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
  const found = abiClasses.flatMap((abiClass) =>
    layoutTexts(before, after, abiClass).map((text) => ({ abiClass, text })),
  );
  return [...grouped(found), ...typeDifferences([beforeModel, before], [afterModel, after])];
}

function layoutTexts(before: RecordModel, after: RecordModel, abiClass: AbiClass): string[] {
  const [old, present] = [before.layout[abiClass], after.layout[abiClass]];
  const [places, presentPlaces] = [placesOf(before, abiClass), placesOf(after, abiClass)];
  const gone = [...places].flatMap(([name, place]) => {
    const now = presentPlaces.get(name);
    if (now === undefined) return [`${name} is gone`];
    return now === place ? [] : [`${name} ${place} -> ${now}`];
  });
  const added = [...presentPlaces]
    .filter(([name]) => !places.has(name))
    .map(([name, place]) => `${name} added ${place}`);
  return [
    ...(old.size === present.size ? [] : [`size ${old.size} -> ${present.size}`]),
    ...(old.align === present.align ? [] : [`alignment ${old.align} -> ${present.align}`]),
    ...gone,
    ...added,
  ];
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
function grouped(found: readonly { readonly abiClass: AbiClass; readonly text: string }[]): Difference[] {
  const classesOf = new Map<string, AbiClass[]>();
  for (const { abiClass, text } of found) classesOf.set(text, [...(classesOf.get(text) ?? []), abiClass]);
  return [...classesOf].map(([text, classes]) => ({ classes, text, breaking: true }));
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
