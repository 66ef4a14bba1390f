// Rule: the core does no I/O, reads no clock, spawns nothing, and has at most two dependencies.
import { matchingLines, type TidyFinding, type TidyRule } from "./tree.ts";

const forbidden = /^(?!\s*\/\/).*\b(std::(time::(Instant|SystemTime)|net|fs|thread|process|io)|tokio)\b/;
const maximumDependencies = 2;

export const corePurityRule: TidyRule = {
  name: "core-purity",
  promise: "nnrp-core does no I/O, reads no clock, and has at most two dependencies",
  check(tree) {
    const impure = tree.files
      .filter((file) => file.path.startsWith("crates/nnrp-core/src/") && file.path.endsWith(".rs"))
      .flatMap((file) =>
        matchingLines(file.text, forbidden).map((line) => ({
          rule: "core-purity",
          path: file.path,
          line,
          message: "I/O, clock or thread in the core: pass bytes and timestamps in instead",
        })),
      );
    return [...impure, ...tooManyDependencies(tree.files)];
  },
};

function tooManyDependencies(files: readonly { path: string; text: string }[]): TidyFinding[] {
  const manifest = files.find((file) => file.path === "crates/nnrp-core/Cargo.toml");
  if (manifest === undefined) return [];
  const section = /\[dependencies\]\n([^[]*)/.exec(manifest.text)?.[1] ?? "";
  const names = section.split("\n").filter((line) => /^[\w-]+(\.workspace)?\s*=/.test(line));
  if (names.length <= maximumDependencies) return [];
  const message = `nnrp-core has ${names.length} dependencies, at most ${maximumDependencies} are allowed`;
  return [{ rule: "core-purity", path: manifest.path, line: 0, message }];
}
