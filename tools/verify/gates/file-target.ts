// Gates: a file is of the format, processor, word size and kind that its target says.
import type { ObjectFacts, Place } from "../../inspect/facts.ts";
import type { BuiltLibrary } from "../../build/artifact.ts";
import { objectsOf, objectsOfFormat, violation, type Gate, type Subject, type Violation } from "../gate.ts";

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
    if (archive !== (content.format === "archive") || content.format === "fat") {
      yield violation({}, fileStart, `${content.format}, where ${subject.library.kind} was expected`);
      return;
    }
    // Members are the business of another gate.
    if (content.format === "archive") return;
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
  *check(subject) {
    const { content } = subject.facts;
    if (content.format !== "archive") return;
    for (const { name, offset, object } of content.members) {
      if (object === undefined) yield { section: "member", offset, value: "is no object file", member: name };
      else for (const found of mismatches(subject, object)) yield { ...found, member: name };
    }
    if (content.members.length === 0) yield violation({}, fileStart, "an archive without members");
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
      const { flags, type } = named.object;
      const wrong = hard ? EF_ARM_ABI_FLOAT_SOFT : EF_ARM_ABI_FLOAT_HARD;
      const missing = hard && type.value !== "relocatable" && (flags.value & EF_ARM_ABI_FLOAT_HARD) === 0;
      if (missing || (flags.value & wrong) !== 0)
        yield violation(named, flags, `0x${flags.value.toString(16)}`);
    }
  },
};

function isArchiveKind(kind: BuiltLibrary["kind"]): boolean {
  return kind === "static" || kind === "import";
}

function* mismatches(subject: Subject, object: ObjectFacts): Generator<Violation, void, void> {
  const { target, policy } = subject;
  if (formatOf(object) !== target.format) {
    yield violation({}, object.machine, `format ${object.format}, expected ${target.format}`);
    return;
  }
  const endian = object.format === "elf" && !object.littleEndian ? ", big endian" : "";
  if (object.cpu !== policy.cpu || object.bits !== policy.bits || endian !== "")
    yield violation(
      {},
      object.machine,
      `${object.cpu}, ${object.bits} bits${endian}; expected ${policy.cpu}`,
    );
  yield* wrongKind(subject, object);
}

function formatOf(object: ObjectFacts): string {
  return object.format === "coff" || object.format === "coff-import" ? "pe" : object.format;
}

function* wrongKind({ library }: Subject, object: ObjectFacts): Generator<Violation, void, void> {
  const linked = !isArchiveKind(library.kind);
  if (object.format === "elf" && object.type.value !== (linked ? "shared" : "relocatable"))
    yield violation({}, object.type, object.type.value);
  if (linked && (object.format === "coff" || object.format === "coff-import"))
    yield violation({}, object.machine, `${object.format}, not linked`);
  if (object.format === "pe" && !(linked && object.isDll.value))
    yield violation({}, object.isDll, "is no DLL");
  if (object.format === "macho" && !machOKinds(library.kind).includes(object.type.value))
    yield violation({}, object.type, object.type.value);
}

function machOKinds(kind: BuiltLibrary["kind"]): readonly string[] {
  if (kind === "static") return ["object"];
  return kind === "addon" ? ["dylib", "bundle"] : ["dylib"];
}

/** Objects of a library that is linked, not archived. */
export function linkedObjects(subject: Subject): ReturnType<typeof objectsOf> {
  return isArchiveKind(subject.library.kind) ? [] : objectsOf(subject.facts);
}
