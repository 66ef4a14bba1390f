// Compares two files by what they are made of: members of packages and archives, sections, JSON values, lines.
import { gunzipSync, unzipSync } from "fflate";
import { ToolError } from "../shared/errors.ts";
import { compareLibraries } from "./compare-library.ts";
import { excerpt, firstDifference, type Difference } from "./difference.ts";
import { isTar, tarMembers, type TarMember } from "./tar-members.ts";

/** Empty when the bytes are the same. */
export function compareFiles(name: string, first: Uint8Array, second: Uint8Array): Difference[] {
  if (Buffer.compare(first, second) === 0) return [];
  const inside = compareInside(name, first, second);
  // The parts are the same and the whole is not: compression, order, or a field that no reader shows.
  return inside === undefined || inside.length === 0 ? [plainDifference([name], first, second)] : inside;
}

/** Undefined where nothing is known about what the file is made of. */
function compareInside(name: string, first: Uint8Array, second: Uint8Array): Difference[] | undefined {
  if (both(isGzip, first, second)) return compareFiles(name, gunzipSync(first), gunzipSync(second));
  if (both(isTar, first, second)) return compareTars(name, tarMembers(first), tarMembers(second));
  if (both(isZip, first, second)) return compareMembers(name, zipMembers(first), zipMembers(second));
  return (
    compareJson(name, first, second) ??
    compareLibraries(name, first, second, compareFiles) ??
    compareText(name, first, second)
  );
}

function both(test: (bytes: Uint8Array) => boolean, first: Uint8Array, second: Uint8Array): boolean {
  return test(first) && test(second);
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function isZip(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString("latin1") === "PK\x03\x04";
}

function zipMembers(bytes: Uint8Array): Map<string, Uint8Array> {
  return new Map(Object.entries(unzipSync(bytes)));
}

/** Order, modes and times are part of a tar's bytes and have no place in its members' content. */
function compareTars(name: string, first: readonly TarMember[], second: readonly TarMember[]): Difference[] {
  const contents = (members: readonly TarMember[]): Map<string, Uint8Array> =>
    new Map(members.map((member) => [member.path, member.bytes]));
  const inside = compareMembers(name, contents(first), contents(second));
  const headers = first.flatMap((member, index) => {
    const other = second[index];
    const [one, two] = [headerText(member), other === undefined ? "no member" : headerText(other)];
    return one === two ? [] : [{ where: [name, `header ${index + 1}`], first: one, second: two }];
  });
  return [...inside, ...headers];
}

function headerText({ path, mode, modified }: TarMember): string {
  return `${path} mode ${mode.toString(8)} of ${new Date(modified * 1000).toISOString()}`;
}

function compareMembers(
  name: string,
  first: ReadonlyMap<string, Uint8Array>,
  second: ReadonlyMap<string, Uint8Array>,
): Difference[] {
  return [...new Set([...first.keys(), ...second.keys()])].flatMap((path) => {
    const [one, two] = [first.get(path), second.get(path)];
    if (one === undefined) return [{ where: [name, path], first: "not there", second: "there" }];
    if (two === undefined) return [{ where: [name, path], first: "there", second: "not there" }];
    return compareFiles(path, one, two).map((found) => ({ ...found, where: [name, ...found.where] }));
  });
}

function compareJson(name: string, first: Uint8Array, second: Uint8Array): Difference[] | undefined {
  const [one, two] = [parsed(first), parsed(second)];
  return one === undefined || two === undefined ? undefined : compareValues([name], "$", one, two);
}

function parsed(bytes: Uint8Array): unknown {
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown;
  } catch {
    return undefined;
  }
}

function compareValues(
  where: readonly string[],
  path: string,
  first: unknown,
  second: unknown,
): Difference[] {
  if (isObject(first) && isObject(second)) {
    const names = [...new Set([...Object.keys(first), ...Object.keys(second)])];
    const step = (name: string): string => (Array.isArray(first) ? `${path}[${name}]` : `${path}.${name}`);
    return names.flatMap((name) => compareValues(where, step(name), first[name], second[name]));
  }
  const [one, two] = [JSON.stringify(first) ?? "not there", JSON.stringify(second) ?? "not there"];
  return one === two ? [] : [{ where: [...where, path], first: one, second: two }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function compareText(name: string, first: Uint8Array, second: Uint8Array): Difference[] | undefined {
  if ([...first.subarray(0, 4096), ...second.subarray(0, 4096)].includes(0)) return undefined;
  const [one, two] = [lines(first), lines(second)];
  const index = one.findIndex((line, at) => line !== two[at]);
  const at = index < 0 ? one.length : index;
  const shown = (text: string | undefined): string => text?.slice(0, 200) ?? "nothing: it ends before";
  return [{ where: [name, `line ${at + 1}`], first: shown(one[at]), second: shown(two[at]) }];
}

function lines(bytes: Uint8Array): string[] {
  return Buffer.from(bytes).toString("utf8").split("\n");
}

export function plainDifference(where: readonly string[], first: Uint8Array, second: Uint8Array): Difference {
  const offset = firstDifference(first, second);
  const size = (bytes: Uint8Array): string =>
    first.length === second.length ? "" : `${bytes.length} bytes, `;
  return {
    where,
    offset,
    first: `${size(first)}${excerpt(first, offset)}`,
    second: `${size(second)}${excerpt(second, offset)}`,
  };
}

/** What both folders hold, by path; a file that only one build made is a difference too. */
export function compareFileSets(
  first: ReadonlyMap<string, Uint8Array>,
  second: ReadonlyMap<string, Uint8Array>,
): Difference[] {
  if (first.size === 0 && second.size === 0)
    throw new ToolError({
      ...{ code: "nothing-built", family: "finding", message: "neither build left a library or a package" },
      remedy: "look at the output of the two builds above",
    });
  const names = [...new Set([...first.keys(), ...second.keys()])].sort();
  return names.flatMap((name) => {
    const [one, two] = [first.get(name), second.get(name)];
    if (one === undefined) return [{ where: [name], first: "not there", second: "there" }];
    if (two === undefined) return [{ where: [name], first: "there", second: "not there" }];
    return compareFiles(name, one, two);
  });
}
