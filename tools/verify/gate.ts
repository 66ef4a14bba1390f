// What a gate is: one rule about a library, with the words that a person needs when it is broken.
import type { ArtifactFacts, ObjectFacts, Place } from "../inspect/facts.ts";
import type { Severity } from "./finding.ts";
import type { Policy } from "./policy.ts";

/** The words of a rule, about a library or a package. */
export interface Rule {
  /** Stable identifier, kebab case; begins with the object format where the rule belongs to one. */
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong, in one line. */
  readonly title: string;
  /** Why the rule exists: who meets the damage, and when. */
  readonly explanation: string;
  readonly fix: string;
  /** Where the rule is broken in a way that has honest reasons too. */
  readonly milder?: MilderForm;
}

/** What a violation that is marked milder is called instead; a strict policy holds its warning for an error. */
export interface MilderForm {
  readonly severity: Severity;
  readonly title: string;
  readonly explanation: string;
  readonly fix: string;
}

export interface Gate extends Rule {
  check(subject: Subject): Iterable<Violation>;
}

/**
 * How a library is used. An addon is loaded by path into a program that knows its entry (Node, Python, a JVM); an object
 * and a program are judged too when they are met.
 */
export type LibraryKind = "dynamic" | "static" | "import" | "addon" | "object" | "program";

export interface LibraryRole {
  readonly kind: LibraryKind;
  readonly fileName: string;
}

/** One library with everything it is judged by. */
export interface Subject {
  readonly policy: Policy;
  readonly library: LibraryRole;
  readonly facts: ArtifactFacts;
  readonly bytes: Uint8Array;
  readonly context: VerifyContext;
  /** All libraries of the same artifact or package, this one among them. */
  readonly siblings: readonly Sibling[];
}

export interface Sibling {
  readonly library: LibraryRole;
  readonly facts: ArtifactFacts;
}

/** What verification has to know of the project and of the run. */
export interface VerifyContext {
  /** Names of all functions and variables the header declares; exports are not judged without them. */
  readonly functions?: readonly string[] | undefined;
  /** Folders of this machine that no library may mention: the home folder, the project's root, caches. */
  readonly buildPaths: readonly string[];
  /** SOURCE_DATE_EPOCH of the build, where it had one. */
  readonly sourceDateEpoch?: number;
}

/** Where a rule is broken. */
export interface Violation extends Place {
  readonly value: string;
  readonly member?: string;
  /** Whether the rule's milder form is meant. */
  readonly isMilder?: true;
}

/** An object with the archive member or fat slice that it is. */
export interface NamedObject<T extends ObjectFacts = ObjectFacts> {
  readonly member?: string;
  readonly object: T;
}

/** All objects of a library: itself, the members of an archive, the slices of a fat file. */
export function objectsOf({ content }: ArtifactFacts): NamedObject[] {
  if (content.format === "archive") return membersOf(content.members);
  if (content.format !== "fat") return [{ object: content }];
  return content.slices.flatMap((slice, index) =>
    slice.content.format === "archive"
      ? membersOf(slice.content.members)
      : [{ member: `slice ${index}`, object: slice.content }],
  );
}

export function objectsOfFormat<F extends ObjectFacts["format"]>(
  facts: ArtifactFacts,
  format: F,
): NamedObject<Extract<ObjectFacts, { format: F }>>[] {
  return objectsOf(facts).flatMap(({ member, object }) =>
    object.format === format
      ? [
          {
            ...(member === undefined ? {} : { member }),
            object: object as Extract<ObjectFacts, { format: F }>,
          },
        ]
      : [],
  );
}

/** A violation at a place, in the member that the object is. */
export function violation({ member }: { readonly member?: string }, place: Place, value: string): Violation {
  return { section: place.section, offset: place.offset, value, ...(member === undefined ? {} : { member }) };
}

/** Compares dotted versions number by number: "2.9" is older than "2.17". */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left.split(".").map(Number), right.split(".").map(Number)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function membersOf(members: readonly { name: string; object: ObjectFacts | undefined }[]): NamedObject[] {
  return members.flatMap(({ name, object }) => (object === undefined ? [] : [{ member: name, object }]));
}
