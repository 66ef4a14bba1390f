// What building the Rust std from its sources changes in size, where a target was built both ways in one folder.
import type { Artifact } from "../build/artifact.ts";
import { megabytes } from "./target-state.ts";

/** One text a library that was measured with both, e.g. "static 6.20 MB with std build-std, 13.90 MB with installed (-55 %)". */
export function stdComparison({ libraries, provenance, otherStd }: Artifact): string[] {
  if (otherStd === undefined) return [];
  return libraries.flatMap(({ kind, bytes }) => {
    const other = otherStd.libraries.find((library) => library.kind === kind);
    if (other === undefined || other.bytes === 0) return [];
    const percent = Math.round((bytes / other.bytes - 1) * 100);
    const sizes = `${megabytes(bytes)} with std ${provenance.std}, ${megabytes(other.bytes)} with ${otherStd.std}`;
    return [`${kind} ${sizes} (${percent > 0 ? "+" : ""}${percent} %)`];
  });
}
