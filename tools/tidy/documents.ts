// Rule: ARCHITECTURE.md names every crate and stage, and every relative link in the documents resolves.
import { dirname, join, normalize } from "node:path/posix";
import type { SourceFile, TidyFinding, TidyRule, Tree } from "./tree.ts";

export const documentsRule: TidyRule = {
  name: "documents",
  promise: "ARCHITECTURE.md names every crate and stage; every link resolves",
  check(tree) {
    return [...unnamedParts(tree), ...tree.files.filter(isDocument).flatMap((file) => deadLinks(tree, file))];
  },
};

function isDocument(file: SourceFile): boolean {
  return file.path.endsWith(".md");
}

function unnamedParts(tree: Tree): TidyFinding[] {
  const architecture = tree.files.find((file) => file.path === "ARCHITECTURE.md");
  if (architecture === undefined) {
    return [{ rule: "documents", path: "ARCHITECTURE.md", line: 0, message: "is missing: draw the map" }];
  }
  const parts = new Set(
    tree.files.flatMap((file) => /^(crates\/[\w-]+|tools\/[\w-]+)\//.exec(file.path)?.slice(1, 2) ?? []),
  );
  return [...parts]
    .filter((part) => !architecture.text.includes(part.replace("crates/", "")))
    .map((part) => ({
      rule: "documents",
      path: architecture.path,
      line: 0,
      message: `does not name ${part}: say in a line what it is for`,
    }));
}

function deadLinks(tree: Tree, file: SourceFile): TidyFinding[] {
  return file.text.split("\n").flatMap((line, index) =>
    [...line.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
      .map((match) => match[1] ?? "")
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !exists(tree, normalize(join(dirname(file.path), link))))
      .map((link) => ({
        rule: "documents",
        path: file.path,
        line: index + 1,
        message: `link to ${link}, which does not exist`,
      })),
  );
}

function exists(tree: Tree, path: string): boolean {
  const folder = path.endsWith("/") ? path : `${path}/`;
  const paths = [...tree.files.map((file) => file.path), ...(tree.others ?? [])];
  return paths.some((known) => known === path || known.startsWith(folder));
}
