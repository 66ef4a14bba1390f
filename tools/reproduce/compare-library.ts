// Compares libraries part by part: members of archives, slices of fat files, sections of images and objects.
import type { ArtifactFacts, ObjectFacts } from "../inspect/facts.ts";
import { inspectBytes } from "../inspect/inspect.ts";
import { ToolError } from "../shared/errors.ts";
import { excerpt, firstDifference, type Difference } from "./difference.ts";

type ArchiveFacts = Extract<ArtifactFacts["content"], { readonly format: "archive" }>;
type CompareFiles = (name: string, first: Uint8Array, second: Uint8Array) => Difference[];

/** Undefined where the files are no libraries of the same kind. */
export function compareLibraries(
  name: string,
  first: Uint8Array,
  second: Uint8Array,
  compareFiles: CompareFiles,
): Difference[] | undefined {
  const [one, two] = [contentOf(name, first), contentOf(name, second)];
  if (one === undefined || two?.format !== one.format) return undefined;
  if (one.format === "archive" && two.format === "archive")
    return compareParts(name, archiveParts(one, first), archiveParts(two, second), compareFiles);
  if (one.format === "fat" && two.format === "fat") {
    const slices = (content: typeof one, bytes: Uint8Array): Part[] =>
      content.slices.map((slice, index) => ({
        ...slice,
        name: `slice ${index + 1}`,
        content: cut(bytes, slice),
      }));
    return compareParts(name, slices(one, first), slices(two, second), compareFiles);
  }
  if (one.format === "archive" || one.format === "fat" || two.format === "archive" || two.format === "fat")
    return undefined;
  return compareSections(name, { object: one, bytes: first }, { object: two, bytes: second });
}

function contentOf(name: string, bytes: Uint8Array): ReturnType<typeof inspectBytes>["content"] | undefined {
  try {
    return inspectBytes(name, bytes).content;
  } catch (error) {
    if (error instanceof ToolError) return undefined;
    throw error;
  }
}

interface Part {
  readonly name: string;
  readonly content: Uint8Array;
}

function cut(bytes: Uint8Array, { offset, bytes: length }: { offset: number; bytes: number }): Uint8Array {
  return bytes.subarray(offset, offset + length);
}

/** Two members may have one name; the number keeps them apart. */
function archiveParts({ members }: ArchiveFacts, bytes: Uint8Array): Part[] {
  const seen = new Map<string, number>();
  return members.map((member) => {
    const count = (seen.get(member.name) ?? 0) + 1;
    seen.set(member.name, count);
    return { name: count === 1 ? member.name : `${member.name} (${count})`, content: cut(bytes, member) };
  });
}

function compareParts(
  name: string,
  first: readonly Part[],
  second: readonly Part[],
  compareFiles: CompareFiles,
): Difference[] {
  const names = [...new Set([...first, ...second].map((part) => part.name))];
  const inside = names.flatMap((part) => {
    const [one, two] = [first, second].map((parts) => parts.find((item) => item.name === part)?.content);
    if (one === undefined) return [{ where: [name, part], first: "not there", second: "there" }];
    if (two === undefined) return [{ where: [name, part], first: "there", second: "not there" }];
    return compareFiles(part, one, two).map((found) => ({ ...found, where: [name, ...found.where] }));
  });
  const order = (parts: readonly Part[]): string => parts.map((part) => part.name).join(" ");
  if (inside.length > 0 || order(first) === order(second)) return inside;
  return [{ where: [name, "order of the members"], first: order(first), second: order(second) }];
}

interface Image {
  readonly object: ObjectFacts;
  readonly bytes: Uint8Array;
}

interface Section {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

function compareSections(name: string, first: Image, second: Image): Difference[] {
  const [one, two] = [sectionsOf(first.object), sectionsOf(second.object)];
  const names = [...new Set([...one, ...two].map((section) => section.name))];
  const inside = names.flatMap((section) => {
    const [left, right] = [pick(one, section, first.bytes), pick(two, section, second.bytes)];
    if (Buffer.compare(left, right) === 0) return [];
    return [sectionDifference([name, section], left, right)];
  });
  return [...headerDifference(name, { ...first, sections: one }, { ...second, sections: two }), ...inside];
}

/** Everything before the first section: headers, load commands. */
function headerDifference(
  name: string,
  first: Image & { readonly sections: readonly Section[] },
  second: Image & { readonly sections: readonly Section[] },
): Difference[] {
  const head = ({ bytes, sections }: typeof first): Uint8Array =>
    bytes.subarray(0, Math.min(bytes.length, ...sections.map(({ offset }) => offset)));
  const [left, right] = [head(first), head(second)];
  return Buffer.compare(left, right) === 0 ? [] : [sectionDifference([name, "file header"], left, right)];
}

function sectionDifference(where: readonly string[], first: Uint8Array, second: Uint8Array): Difference {
  const offset = firstDifference(first, second);
  const size = (bytes: Uint8Array): string =>
    first.length === second.length ? "" : `${bytes.length} bytes, `;
  const text = (bytes: Uint8Array): string => `${size(bytes)}${excerpt(bytes, offset)}`;
  return { where, offset, first: text(first), second: text(second) };
}

/** All sections of one name together: objects have one for each function. */
function pick(sections: readonly Section[], name: string, bytes: Uint8Array): Uint8Array {
  const parts = sections.filter((section) => section.name === name).map((section) => cut(bytes, section));
  return parts.length === 1 ? (parts[0] ?? new Uint8Array()) : Buffer.concat(parts);
}

const sectionWithoutBytes = 8;

function sectionsOf(object: ObjectFacts): Section[] {
  switch (object.format) {
    case "elf":
      return object.sections
        .filter(({ type, bytes }) => type !== sectionWithoutBytes && bytes > 0n)
        .map(({ name, fileOffset, bytes }) => ({ name, offset: Number(fileOffset), bytes: Number(bytes) }));
    case "pe":
      return object.sections.map(({ name, fileOffset, fileBytes }) => ({
        name,
        offset: fileOffset,
        bytes: fileBytes,
      }));
    case "coff":
      return object.sections.map(({ name, fileOffset, bytes }) => ({ name, offset: fileOffset, bytes }));
    case "macho":
      return machoSections(object).filter(({ bytes, offset }) => bytes > 0 && offset > 0);
    case "wasm":
      return object.sections.map(({ id, name, offset, bytes }) => ({
        name: name ?? `section ${id}`,
        offset,
        bytes,
      }));
    default:
      return [];
  }
}

/** The symbol tables and the signature stand in a segment without sections. */
function machoSections({ segments }: Extract<ObjectFacts, { readonly format: "macho" }>): Section[] {
  return segments.flatMap(({ name, sections, fileOffset, fileBytes }) =>
    sections.length === 0
      ? [{ name, offset: Number(fileOffset), bytes: Number(fileBytes) }]
      : sections.map((section) => ({
          name: `${section.segment},${section.name}`,
          offset: section.fileOffset,
          bytes: Number(section.bytes),
        })),
  );
}
