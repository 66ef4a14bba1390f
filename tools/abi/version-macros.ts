// Finds what a header says of its own version: such constants change with every release and break nothing.
import type { AbiModel, ConstantModel } from "../header/model.ts";

export type VersionStep = "none" | "patch" | "minor" | "major" | "backwards";

const component =
  /_(VERSION|VER)_(MAJOR|MINOR|PATCH|RELEASE|REVISION|SUBREVISION|MICRO|STRING|NUMBER|NUM|HEX|SUFFIX|IS_RELEASE)$|_(MAJOR|MINOR|PATCH|MICRO)_VERSION$/;
const whole = /(_SOURCE_ID|_VERNUM|_VERSION_DATE)$/;

/** Whether a constant tells the version of the header and nothing that a program depends on. */
export function isVersionConstant(constant: ConstantModel, all: readonly ConstantModel[]): boolean {
  const { name, value } = constant;
  if (component.test(name) || whole.test(name)) return true;
  if (!/_VERSION$/.test(name)) return false;
  // One number may be a format's version; it is the header's where its parts stand beside it, or where it is a dotted text.
  return value.kind === "string"
    ? /^\d+(\.\d+)+/.test(value.value)
    : all.some((other) => other.name === `${name}_MAJOR` || other.name === `${name}_NUMBER`);
}

/** The version as numbers: of the ABI where the model has one, or else of the text that the header defines. */
export function versionOf({ version, constants }: AbiModel): readonly number[] | undefined {
  if (version !== null) return [version.major, version.minor, version.patch];
  for (const constant of constants) {
    const { value } = constant;
    const text = value.kind === "string" && isVersionConstant(constant, constants) ? value.value : "";
    const numbers = /^\d+(\.\d+)+/.exec(text)?.[0];
    if (numbers !== undefined) return numbers.split(".").map(Number);
  }
  return undefined;
}

/** Which number of the version grew. */
export function stepBetween(before: readonly number[], after: readonly number[]): VersionStep {
  const steps = ["major", "minor", "patch"] as const;
  for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
    const difference = (after[index] ?? 0) - (before[index] ?? 0);
    if (difference < 0) return "backwards";
    if (difference > 0) return steps[index] ?? "patch";
  }
  return "none";
}
