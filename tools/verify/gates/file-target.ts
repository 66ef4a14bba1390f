// Gates: a file is of the format, processor, word size and kind that its target says.
import type { FatFacts, ObjectFacts, Place } from "../../inspect/facts.ts";
import {
  objectsOf,
  objectsOfFormat,
  violation,
  type Gate,
  type LibraryKind,
  type Subject,
  type Violation,
} from "../gate.ts";

const fileStart: Place = { section: "file", offset: 0 };

export const fileTarget: Gate = {
  id: "file-target",
  severity: "error",
  title: "the file is not of this target",
  explanation:
    "A library under the name of another target is found only when a user's program fails to load or link it. Format, processor, word size and byte order are read from the header.",
  fix: "build the target again, and look at the step that copies libraries into its folder",
  *check(subject) {
    const { content } = subject.facts;
    const archive = isArchiveKind(subject.library.kind);
    if (content.format === "fat" ? !mayBeFat(subject) : archive !== (content.format === "archive")) {
      yield violation({}, fileStart, `${content.format}, where ${subject.library.kind} was expected`);
      return;
    }
    if (content.format === "fat") yield* wrongSlices(subject, content.slices);
    // Members are the business of another gate, slices too.
    if (content.format === "archive" || content.format === "fat") return;
    if (subject.policy.macho?.fat === true)
      yield violation({}, fileStart, `one processor, ${content.cpu}, where several were expected`);
    yield* mismatches(subject, content);
  },
};

export const archiveMembers: Gate = {
  id: "archive-members",
  severity: "error",
  title: "a member of the archive is not of this target",
  explanation:
    "One object of another processor or format, from a C dependency built for the host, makes the whole archive fail at the user's link.",
  fix: "see that the C compiler of the target, not the host's, builds the C dependencies, and build again",
  milder: {
    severity: "warning",
    title: "the archive has no members",
    explanation:
      "It links and gives nothing: whoever needs a function of it meets an undefined symbol. C libraries ship such archives on purpose, for build files that name a library whose functions have moved to another.",
    fix: "look at the step that collects the objects; leave it where it only keeps an old name",
  },
  *check(subject) {
    const { content } = subject.facts;
    // The members of a thin archive are other files.
    if (content.format !== "archive" || content.flavour === "thin") return;
    for (const { name, offset, object } of content.members) {
      if (object === undefined) yield { section: "member", offset, value: "is no object file", member: name };
      else for (const found of mismatches(subject, object)) yield { ...found, member: name };
    }
    if (content.members.length === 0)
      yield { ...violation({}, fileStart, "an archive without members"), isMilder: true };
  },
};

/** EABI flag of linked files: floats are passed in registers. */
const EF_ARM_ABI_FLOAT_HARD = 0x400;
const EF_ARM_ABI_FLOAT_SOFT = 0x200;

export const armFloat: Gate = {
  id: "elf-arm-float",
  severity: "error",
  title: "the float calling convention is not the target's",
  explanation:
    "32-bit ARM passes floats in registers (hard) or not (soft). The loader refuses a library of the other kind. The flag is written by linkers; objects carry it only when they differ from the default.",
  fix: "link with the hard-float triple (…eabihf) on Linux, and with the soft-float one on Android",
  *check({ facts, policy }) {
    const hard = policy.elf?.hardFloat;
    if (hard === undefined) return;
    for (const named of objectsOfFormat(facts, "elf")) {
      const { flags, type, armAttributes } = named.object;
      // Assembly that passes no floats says nothing of how; the assembler then sets the flag of the soft way.
      const isSilent = armAttributes !== undefined && armAttributes.vfpArguments === undefined;
      if (type.value === "relocatable" && isSilent) continue;
      const wrong = hard ? EF_ARM_ABI_FLOAT_SOFT : EF_ARM_ABI_FLOAT_HARD;
      const missing = hard && type.value !== "relocatable" && (flags.value & EF_ARM_ABI_FLOAT_HARD) === 0;
      if (missing || (flags.value & wrong) !== 0)
        yield violation(named, flags, `0x${flags.value.toString(16)}`);
    }
  },
};

/** A universal file holds the code of exactly the processors that its target names. */
function* wrongSlices({ policy }: Subject, slices: FatFacts["slices"]): Generator<Violation, void, void> {
  const wanted = policy.macho?.processors;
  if (wanted === undefined) return;
  const found = slices.map(({ content }) => processorOf(content));
  if ([...found].sort().join() === [...wanted].sort().join()) return;
  yield violation({}, fileStart, `slices ${found.join(", ")}; expected ${wanted.join(", ")}`);
}

function processorOf(content: FatFacts["slices"][number]["content"]): string {
  if (content.format !== "archive") return content.cpu;
  return content.members.find(({ object }) => object !== undefined)?.object?.cpu ?? "none";
}

function isArchiveKind(kind: LibraryKind): boolean {
  return kind === "static" || kind === "import";
}

function* mismatches(subject: Subject, object: ObjectFacts): Generator<Violation, void, void> {
  const { policy } = subject;
  if (policy.format !== undefined && formatOf(object) !== policy.format) {
    yield violation({}, object.machine, `format ${object.format}, expected ${policy.format}`);
    return;
  }
  if (policy.cpu !== undefined && !isProcessor(object, policy.cpu, policy.bits))
    yield violation(
      {},
      object.machine,
      `${object.cpu}, ${object.bits} bits${endianness(object)}; expected ${policy.cpu}`,
    );
  yield* wrongKind(subject, object);
}

/** Processors with systems that have the highest byte first; all others have the lowest first, whatever the format allows. */
const bigEndianToo: readonly string[] = [
  "hppa",
  "m68k",
  "mips",
  "powerpc",
  "powerpc64",
  "s390x",
  "sparc",
  "sparcv9",
];

function isProcessor(object: ObjectFacts, cpu: string, bits: 32 | 64 | undefined): boolean {
  return object.cpu === cpu && (bits === undefined || object.bits === bits) && endianness(object) === "";
}

function endianness(object: ObjectFacts): string {
  const reversed = object.format === "elf" && !object.littleEndian && !bigEndianToo.includes(object.cpu);
  return reversed ? ", big endian" : "";
}

function mayBeFat({ policy, library }: Subject): boolean {
  return policy.macho?.fat !== false && (policy.format ?? "macho") === "macho" && library.kind !== "import";
}

function formatOf(object: ObjectFacts): string {
  return object.format === "coff" || object.format === "coff-import" ? "pe" : object.format;
}

function* wrongKind({ library: { kind } }: Subject, object: ObjectFacts): Generator<Violation, void, void> {
  if (object.format === "elf" && !elfTypes[kind].includes(object.type.value))
    yield violation({}, object.type, object.type.value);
  if (isLinked(kind) && (object.format === "coff" || object.format === "coff-import"))
    yield violation({}, object.machine, `${object.format}, not linked`);
  if (object.format === "pe" && kind !== "program" && !(isLinked(kind) && object.isDll.value))
    yield violation({}, object.isDll, "is no DLL");
  if (object.format === "macho" && !machOTypes[kind].includes(object.type.value))
    yield violation({}, object.type, object.type.value);
}

const elfTypes: Readonly<Record<LibraryKind, readonly string[]>> = {
  dynamic: ["shared"],
  addon: ["shared"],
  program: ["executable", "shared"],
  static: ["relocatable"],
  import: ["relocatable"],
  object: ["relocatable"],
};

const machOTypes: Readonly<Record<LibraryKind, readonly string[]>> = {
  dynamic: ["dylib"],
  addon: ["dylib", "bundle"],
  program: ["executable"],
  static: ["object"],
  import: [],
  object: ["object"],
};

function isLinked(kind: LibraryKind): boolean {
  return kind === "dynamic" || kind === "addon" || kind === "program";
}

/** Objects of a library that is linked, not archived. */
export function linkedObjects(subject: Subject): ReturnType<typeof objectsOf> {
  return isArchiveKind(subject.library.kind) ? [] : objectsOf(subject.facts);
}
