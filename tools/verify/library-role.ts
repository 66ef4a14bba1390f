// How a library is used, from its name and its content: linked against, loaded by path, archived, or run.
import type { ArtifactFacts, ObjectFacts } from "../inspect/facts.ts";
import type { LibraryKind } from "./gate.ts";
import { exportsOf } from "./gates/exports.ts";

export function libraryKind(fileName: string, facts: ArtifactFacts): LibraryKind {
  const byName = kindByName(fileName);
  const byContent = kindByContent(facts.content);
  if (byName === undefined) return byContent;
  if (byName === "archive") return byContent === "import" ? "import" : "static";
  // A module of Python, Java or Node may be called as any other library; its entry tells.
  return byName === "dynamic" && byContent === "addon" ? "addon" : byName;
}

/** Names that promise a format, whatever the content turns out to be. */
export function promisesLibrary(fileName: string): boolean {
  const kind = kindByName(fileName);
  return kind === "dynamic" || kind === "addon";
}

function kindByName(fileName: string): LibraryKind | "archive" | undefined {
  const name = fileName.toLowerCase();
  if (/\.(node|bare|pyd|jnilib)$|\.(cpython|pypy)[^/]*\.so$|\.abi3\.so$/.test(name)) return "addon";
  if (/\.(so(\.[0-9.]+)?|dylib|dll)$/.test(name)) return "dynamic";
  if (/\.(a|lib)$/.test(name)) return "archive";
  return undefined;
}

/** The format that a name promises; Python calls Mach-O bundles .so too. */
export function formatByName(fileName: string): "elf" | "pe" | "macho" | undefined {
  const name = fileName.toLowerCase();
  if (/\.(dll|pyd)$/.test(name)) return "pe";
  if (/\.(dylib|jnilib)$/.test(name)) return "macho";
  return /\.so\.[0-9.]+$/.test(name) ? "elf" : undefined;
}

function kindByContent(content: ArtifactFacts["content"]): LibraryKind {
  if (content.format === "archive") {
    const objects = content.members.flatMap(({ object }) => object ?? []);
    // Rust's static libraries for Windows bring import objects of the system's DLLs along with their code.
    return objects.some(isImport) && !objects.some(isOwnCode) ? "import" : "static";
  }
  if (content.format !== "fat") return kindOfObject(content);
  const [first] = content.slices;
  if (first === undefined || first.content.format === "archive") return "static";
  return kindOfObject(first.content);
}

function isImport(object: ObjectFacts): boolean {
  return object.format === "coff-import" || (object.format === "coff" && object.importParts !== undefined);
}

function isOwnCode(object: ObjectFacts): boolean {
  return (
    !isImport(object) &&
    object.format === "coff" &&
    object.sections.some(({ flags, bytes }) => (flags & IMAGE_SCN_CNT_CODE) !== 0 && bytes > 0)
  );
}

const IMAGE_SCN_CNT_CODE = 0x20;
const moduleEntry = /^(PyInit_|napi_register_module_v1$|JNI_OnLoad$|node_register_module_|Java_)/;

function kindOfObject(object: ObjectFacts): LibraryKind {
  switch (object.format) {
    case "elf":
      if (object.type.value === "relocatable") return "object";
      if (object.type.value !== "shared" || object.interpreter !== undefined) return "program";
      break;
    case "pe":
      if (!object.isDll.value) return "program";
      break;
    case "macho":
      if (object.type.value === "object") return "object";
      if (object.type.value === "executable") return "program";
      if (object.type.value === "bundle") return "addon";
      break;
    case "coff":
    case "coff-import":
      return "object";
  }
  return exportsOf(object).some(({ value }) => moduleEntry.test(value)) ? "addon" : "dynamic";
}
