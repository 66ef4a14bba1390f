// Rule: crates, headers, npm packages and project facts agree on one version.
import type { TidyFinding, TidyRule, Tree } from "./tree.ts";

interface Place {
  readonly path: string;
  readonly pattern: RegExp;
}

/** The first place is the one that decides. */
const places: readonly Place[] = [
  { path: "Cargo.toml", pattern: /\[workspace\.package\][^[]*?\nversion = "([^"]+)"/ },
  { path: "package.json", pattern: /"version": "([^"]+)"/ },
  { path: "bindings/node/package.json", pattern: /"version": "([^"]+)"/ },
  { path: "nnrp.project.ts", pattern: /version: "([^"]+)"/ },
  { path: "include/nnrp/nnrp_version.h", pattern: /NNRP_VERSION_STRING "([^"]+)"/ },
];

export const oneVersionRule: TidyRule = {
  name: "one-version",
  promise: "crates, headers, packages and project facts carry one version",
  check(tree) {
    const expected = read(tree, places[0]);
    if (expected === undefined) return [];
    return places.flatMap((place) => disagreement(tree, place, expected));
  },
};

function disagreement(tree: Tree, place: Place, expected: string): TidyFinding[] {
  const file = tree.files.find(({ path }) => path === place.path);
  const found = read(tree, place);
  if (file === undefined || found === expected) return [];
  const message = `says version ${found ?? "nothing"}, Cargo.toml says ${expected}`;
  return [{ rule: "one-version", path: place.path, line: 0, message }];
}

function read(tree: Tree, place: Place | undefined): string | undefined {
  const file = tree.files.find(({ path }) => path === place?.path);
  return file === undefined ? undefined : place?.pattern.exec(file.text)?.[1];
}
