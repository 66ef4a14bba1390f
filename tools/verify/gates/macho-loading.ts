// Gates: dyld can load a Mach-O library, tools can change its names, and Apple accepts it.
import type { FatFacts } from "../../inspect/facts.ts";
import type { MachOFacts } from "../../inspect/macho-facts.ts";
import { objectsOfFormat, violation, type Gate, type NamedObject } from "../gate.ts";

export const machoBitcode: Gate = {
  id: "macho-bitcode",
  severity: "warning",
  title: "the library holds bitcode",
  explanation:
    "Apple takes none since Xcode 14, and newer linkers drop or refuse it; it doubles the size of the file.",
  fix: "compile without -fembed-bitcode",
  *check({ facts }) {
    for (const named of objectsOfFormat(facts, "macho"))
      // The linker drops what objects carry; the standard library of Rust has some.
      if (named.object.bitcode !== undefined && named.object.type.value !== "object")
        yield violation(named, named.object.bitcode, "__bitcode");
  },
};

export const machoTwoLevel: Gate = {
  id: "macho-two-level",
  severity: "warning",
  title: "names are looked up in all libraries of the process",
  explanation:
    "In a flat namespace the first library that has a symbol of that name wins: the function of another copy of a dependency is called, and that is found by a crash.",
  fix: "link without -flat_namespace; give addons -undefined dynamic_lookup alone",
  *check({ facts }) {
    for (const named of objectsOfFormat(facts, "macho"))
      if (named.object.type.value === "dylib" && !named.object.flags.value.twoLevel)
        yield violation(
          named,
          named.object.flags,
          `0x${named.object.flags.value.bits.toString(16)}: no MH_TWOLEVEL`,
        );
  },
};

export const machoUuid: Gate = {
  id: "macho-uuid",
  severity: "warning",
  title: "the library has no UUID",
  explanation:
    "Crash reports and debuggers find symbols by LC_UUID alone, and Apple's notary service and newer systems refuse binaries without one.",
  fix: "link without -no_uuid",
  *check({ facts }) {
    for (const named of objectsOfFormat(facts, "macho"))
      if (named.object.type.value !== "object" && named.object.uuid === undefined)
        yield violation(named, named.object.machine, "no LC_UUID");
  },
};

const [writable, executable] = [2, 4];

export const machoWritableCode: Gate = {
  id: "macho-writable-code",
  severity: "error",
  title: "a segment is writable and executable at once",
  explanation: "On Apple's own processors the kernel refuses to map such memory, and the load fails.",
  fix: "link without -segprot, and with the platform's default protections",
  *check({ facts }) {
    for (const named of objectsOfFormat(facts, "macho"))
      for (const segment of named.object.segments)
        // Objects have one segment for everything; the linker takes it apart.
        if (
          named.object.type.value !== "object" &&
          (segment.initialProtection & writable) !== 0 &&
          (segment.initialProtection & executable) !== 0
        )
          yield violation(named, segment, `${segment.name}: readable, writable, executable`);
  },
};

/** Room for one longer path; install_name_tool asks for it. */
const leastHeaderPad = 32;

export const machoHeaderPad: Gate = {
  id: "macho-header-pad",
  severity: "note",
  title: "there is no room to change a name after the link",
  explanation:
    'Packagers change install names and search paths of what they bundle; without room behind the load commands install_name_tool says "larger updated load commands do not fit".',
  fix: "link with -headerpad_max_install_names",
  *check({ facts, library }) {
    if (library.kind !== "dynamic") return;
    for (const named of objectsOfFormat(facts, "macho"))
      if (named.object.type.value === "dylib" && named.object.headerPadBytes < leastHeaderPad)
        yield violation(named, named.object.machine, `${named.object.headerPadBytes} bytes`);
  },
};

export const fatSlices: Gate = {
  id: "fat-slices",
  severity: "error",
  title: "the slices of the universal file are not of one library",
  explanation:
    "Each processor loads its own slice. One that is stale, of another platform or without a function breaks only the users of that processor.",
  fix: "build all slices in one run from one commit, and join them last",
  *check({ facts }) {
    if (facts.content.format !== "fat") return;
    const slices = objectsOfFormat(facts, "macho").filter(({ object }) => object.type.value !== "object");
    const [first] = slices;
    if (first === undefined) return;
    for (const [index, slice] of slices.entries()) {
      yield* sliceDiffers(first, slice);
      if (slices.slice(0, index).some(({ object }) => sameProcessor(object, slice.object)))
        yield violation(slice, slice.object.machine, `a second slice for ${slice.object.cpu}`);
    }
    yield* wrongHeaders(facts.content);
  },
};

function sameProcessor(left: MachOFacts, right: MachOFacts): boolean {
  return left.cpu === right.cpu && left.cpuSubtype.value === right.cpuSubtype.value;
}

function* sliceDiffers(
  first: NamedObject<MachOFacts>,
  slice: NamedObject<MachOFacts>,
): ReturnType<Gate["check"]> {
  const [left, right] = [first.object, slice.object];
  if (left.installName?.value !== right.installName?.value)
    yield violation(slice, right.installName ?? right.machine, right.installName?.value ?? "no install name");
  if (left.platform.value !== right.platform.value)
    yield violation(
      slice,
      right.platform,
      `${right.platform.value}, the first slice is for ${left.platform.value}`,
    );
  const names = new Set(right.exports.map(({ value }) => value));
  for (const { value } of left.exports)
    if (!names.has(value) && !isRustName(value))
      yield violation(slice, right.exportTrie, `${value} is in the first slice only`);
}

/** Rust's names end with a hash that is another for each processor; its stack probe is a function of x86 alone. */
function isRustName(name: string): boolean {
  return /^_+ZN.*17h[0-9a-f]{16}E|^_+R[NIMXYC]|^_+rust_probestack$/.test(name);
}

function* wrongHeaders({ slices }: FatFacts): ReturnType<Gate["check"]> {
  for (const [index, slice] of slices.entries()) {
    const member = `slice ${index}`;
    const page = slice.content.format === "macho" && slice.content.cpu === "aarch64" ? 0x4000 : 0x1000;
    if (
      slice.content.format === "macho" &&
      slice.content.type.value !== "object" &&
      slice.offset % page !== 0
    )
      yield {
        section: "fat header",
        offset: slice.offset,
        value: `begins inside a page of ${page} bytes`,
        member,
      };
  }
}
