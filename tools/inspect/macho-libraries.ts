// Reads what a Mach-O file links to: its own install name, its dependencies, and what a library number means.
import type { Cursor } from "./cursor.ts";
import type { Located } from "./facts.ts";
import type { MachODependency, MachOFacts } from "./macho-facts.ts";

/** A load command. */
export interface LoadCommand {
  readonly kind: number;
  readonly content: Cursor;
}

const idDylib = 0xd;
const rpath = 0x8000001c;
const dependencyKinds: Readonly<Record<number, { kind: MachODependency["kind"]; section: string }>> = {
  0xc: { kind: "load", section: "LC_LOAD_DYLIB" },
  0x80000018: { kind: "weak", section: "LC_LOAD_WEAK_DYLIB" },
  0x8000001f: { kind: "reexport", section: "LC_REEXPORT_DYLIB" },
  0x20: { kind: "lazy", section: "LC_LAZY_LOAD_DYLIB" },
  0x80000023: { kind: "upward", section: "LC_LOAD_UPWARD_DYLIB" },
};

/** Numbers of libraries that stand for no dependency; see BIND_SPECIAL_DYLIB_ of <mach-o/loader.h>. */
const specialLibraries: Readonly<Record<number, string>> = {
  0: "self",
  [-1]: "main executable",
  [-2]: "flat lookup",
  [-3]: "weak lookup",
};

export function readLibraries(
  commands: readonly LoadCommand[],
): Pick<MachOFacts, "installName" | "installVersions" | "dependencies" | "rpaths"> {
  const id = commands.find(({ kind }) => kind === idDylib)?.content;
  return {
    installName: id === undefined ? undefined : commandText(id, "LC_ID_DYLIB"),
    installVersions:
      id === undefined
        ? undefined
        : {
            current: versionText(id.u32(16, "LC_ID_DYLIB")),
            compatibility: versionText(id.u32(20, "LC_ID_DYLIB")),
          },
    dependencies: commands.flatMap(({ kind, content }) => {
      const meaning = dependencyKinds[kind];
      return meaning === undefined ? [] : [readDependency(content, meaning.kind, meaning.section)];
    }),
    rpaths: commands
      .filter(({ kind }) => kind === rpath)
      .map(({ content }) => commandText(content, "LC_RPATH")),
  };
}

function readDependency(content: Cursor, kind: MachODependency["kind"], section: string): MachODependency {
  return {
    ...commandText(content, section),
    kind,
    currentVersion: versionText(content.u32(16, section)),
    compatibilityVersion: versionText(content.u32(20, section)),
  };
}

/** The text that a command ends with; its offset in the command is the command's third word. */
function commandText(content: Cursor, section: string): Located<string> {
  const at = content.u32(8, section);
  return {
    section,
    offset: content.base + at,
    value: content.paddedString(at, content.length - at, section),
  };
}

/** The library that a number in a binding or in an undefined symbol stands for: dependencies count from 1. */
export function libraryOf(dependencies: readonly MachODependency[], ordinal: number): string {
  return specialLibraries[ordinal] ?? dependencies[ordinal - 1]?.value ?? `library ${ordinal}`;
}

/** 16 bits major, 8 minor, 8 patch; a patch of zero is not written. */
export function versionText(version: number): string {
  const patch = version & 0xff;
  return `${version >>> 16}.${(version >>> 8) & 0xff}${patch === 0 ? "" : `.${patch}`}`;
}
