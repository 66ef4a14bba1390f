// Which mutations prove a gate, on which artifacts, as the catalogue of gates tells it.
import { targets } from "../../matrix/targets.ts";
import type { ExaminedMutation, Origin } from "./examined-mutation.ts";
import { examinedMutations } from "./examined-mutations.ts";
import { mutations } from "./mutations.ts";
import type { PackageMutation } from "./package-mutation.ts";
import { packageMutations } from "./package-mutations.ts";

export interface Proof {
  readonly gate: string;
  readonly breaks: string;
  /** What was broken: "x86_64-unknown-linux-gnu/libfixture.so", "jna: jnidispatch.dll". */
  readonly artifact: string;
  readonly format: string;
  /** Whether other people built it. */
  readonly isForeign: boolean;
}

/** What could not be tried on a file of other people, by gate and format, and why. */
export const unprovenOnForeign: Readonly<Record<string, string>> = {
  "elf-arm-float, archive": "no package of the corpus has a static library for 32-bit ARM",
  "nuget-runtime, package": "NuGet's registry has no client that runs where these tests run",
};

export function allProofs(): Proof[] {
  return [
    ...packageMutations.map(packageProof),
    ...mutations.map(({ gate, breaks, triple, file }) => ({
      gate,
      breaks,
      artifact: `${triple}/${file}`,
      format: formatOf(triple, file),
      isForeign: false,
    })),
    ...examinedMutations.map(examinedProof),
  ];
}

function packageProof({ gate, breaks, origin }: PackageMutation): Proof {
  const isForeign = "corpus" in origin;
  if ("own" in origin) return { gate, breaks, artifact: `our ${origin.own}`, format: "package", isForeign };
  const artifact = "made" in origin ? `a ${origin.made} of our libraries` : origin.corpus;
  return { gate, breaks, artifact, format: "package", isForeign };
}

function examinedProof({ gate, breaks, origin }: ExaminedMutation): Proof {
  const [place, file] = placeAndFile(origin);
  const artifact =
    "corpus" in origin ? `${place}: ${file}` : "make" in origin ? `${file}, made` : origin.fixture;
  return { gate, breaks, artifact, format: formatOf(place, file), isForeign: "corpus" in origin };
}

/** The target or package, and the file with the folder that tells it from others of its name. */
function placeAndFile(origin: Origin): [place: string, file: string] {
  if ("make" in origin) return ["", origin.name];
  if ("corpus" in origin) return [origin.corpus, origin.member.split("/").slice(-2).join("/")];
  const [triple = "", file = ""] = origin.fixture.split("/");
  return [triple, file];
}

const formatNames = { elf: "ELF", pe: "PE", macho: "Mach-O", wasm: "WebAssembly" } as const;

/** Where the name of the file does not tell, that of the target or package does. */
function formatOf(place: string, file: string): string {
  if (/\.(a|lib)$/.test(file)) return "archive";
  if (/\.(dll|pyd)$/.test(file)) return "PE";
  if (/\.(dylib|jnilib)$/.test(file)) return "Mach-O";
  if (file.endsWith(".wasm")) return "WebAssembly";
  const target = targets.find(({ triple }) => triple === place);
  if (target !== undefined) return formatNames[target.format];
  if (/darwin|macos/.test(place)) return "Mach-O";
  return /win32|windows/.test(place) ? "PE" : "ELF";
}
