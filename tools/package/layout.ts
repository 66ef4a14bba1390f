// Where each library goes in a package, and what consumers call it.
import type { Artifact, BuiltLibrary } from "../build/artifact.ts";

export interface InstalledLibrary {
  readonly kind: "dynamic" | "static" | "import";
  /** Path inside the package, e.g. "lib/libx.so". */
  readonly path: string;
  readonly source: BuiltLibrary;
}

/** DLLs go to bin/, where programs find them; everything that a linker reads goes to lib/. */
export function installedLibraries(artifact: Artifact): InstalledLibrary[] {
  return artifact.libraries.flatMap((source) =>
    source.kind === "addon" ? [] : [{ kind: source.kind, path: installedPath(source), source }],
  );
}

function installedPath(library: BuiltLibrary): string {
  const isDll = library.kind === "dynamic" && library.fileName.toLowerCase().endsWith(".dll");
  return `${isDll ? "bin" : "lib"}/${library.fileName}`;
}

/** The one library of a kind, if the package has it. */
export function libraryOf(
  libraries: readonly InstalledLibrary[],
  kind: InstalledLibrary["kind"],
): InstalledLibrary | undefined {
  return libraries.find((library) => library.kind === kind);
}

/** rustc prints linker words; some belong together ("-framework Security") and the order counts. */
export function privateLinkWords(nativeStaticLibraries: readonly string[]): string[] {
  return nativeStaticLibraries.flatMap((entry) => entry.split(/\s+/)).filter((word) => word !== "");
}
