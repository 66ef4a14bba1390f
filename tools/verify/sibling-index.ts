// Finds the libraries of a package by name: one index for all, since a package may hold a hundred thousand.
import { objectsOfFormat, type LibraryKind, type LibraryRole, type Sibling, type Subject } from "./gate.ts";

interface SiblingIndex {
  /** Shared libraries by file name and by the name they call themselves. */
  readonly shared: ReadonlyMap<string, readonly LibraryRole[]>;
  /** The same by file name in lower case, as Windows compares. */
  readonly folded: ReadonlyMap<string, readonly LibraryRole[]>;
  /** File names by kind. */
  readonly fileNames: ReadonlyMap<LibraryKind, ReadonlySet<string>>;
  readonly hasPythonModule: boolean;
}

/** Whether another library of the package is what a loader asks for by this name. */
export function bringsAlong({ library, siblings }: Subject, name: string): boolean {
  return isOther(indexOf(siblings).shared.get(name), library);
}

/** The same where case does not count. */
export function bringsAlongFolded({ library, siblings }: Subject, name: string): boolean {
  return isOther(indexOf(siblings).folded.get(name.toLowerCase()), library);
}

/** File names of all libraries of a kind. */
export function fileNamesOf(siblings: readonly Sibling[], kind: LibraryKind): ReadonlySet<string> {
  return indexOf(siblings).fileNames.get(kind) ?? none;
}

/** Whether one of them is a module of Python on Windows. */
export function hasPythonModule(siblings: readonly Sibling[]): boolean {
  return indexOf(siblings).hasPythonModule;
}

const none: ReadonlySet<string> = new Set();
const indexes = new WeakMap<readonly Sibling[], SiblingIndex>();

function isOther(providers: readonly LibraryRole[] | undefined, library: LibraryRole): boolean {
  return providers?.some((provider) => provider !== library) === true;
}

function indexOf(siblings: readonly Sibling[]): SiblingIndex {
  const known = indexes.get(siblings);
  if (known !== undefined) return known;
  const made = makeIndex(siblings);
  indexes.set(siblings, made);
  return made;
}

function makeIndex(siblings: readonly Sibling[]): SiblingIndex {
  const shared = new Map<string, LibraryRole[]>();
  const folded = new Map<string, LibraryRole[]>();
  const fileNames = new Map<LibraryKind, Set<string>>();
  for (const sibling of siblings) {
    const { kind, fileName } = sibling.library;
    append(fileNames, kind, new Set<string>()).add(fileName);
    if (kind !== "dynamic" && kind !== "addon") continue;
    for (const name of new Set([fileName, ...ownNames(sibling)])) {
      append(shared, name, []).push(sibling.library);
      append(folded, name.toLowerCase(), []).push(sibling.library);
    }
  }
  const hasPythonModule = siblings.some(({ library }) => /\.pyd$/i.test(library.fileName));
  return { shared, folded, fileNames, hasPythonModule };
}

function append<K, V>(map: Map<K, V>, key: K, first: V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  map.set(key, first);
  return first;
}

function ownNames({ facts }: Sibling): string[] {
  return objectsOfFormat(facts, "elf").flatMap(({ object }) => object.dynamic?.soname?.value ?? []);
}
