// How the codec programs of all three are started.
import type { ProgramRow } from "../program-row.ts";

export function codecWords(what: string): ProgramRow["programs"] {
  const rounds = (quick: boolean): string[] => (quick ? ["--rounds", "1"] : []);
  return {
    ours: ({ bench }, quick) => [bench, "codec", what, "ours", ...rounds(quick)],
    published: ({ published }, quick) => [published, "codec", what, ...rounds(quick)],
    floor: ({ bench }, quick) => [bench, "codec", what, "floor", ...rounds(quick)],
  };
}
