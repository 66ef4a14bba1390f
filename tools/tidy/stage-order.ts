// Rule: a stage of tools/ imports only itself and stages to its left; no barrels, no drawers.
import { dirname, join, normalize } from "node:path/posix";
import type { SourceFile, TidyFinding, TidyRule } from "./tree.ts";

/** For each folder of tools/ the folders it may import. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  matrix: ["shared"],
  progress: ["shared", "matrix"],
  toolchain: ["shared", "matrix"],
  build: ["shared", "matrix", "toolchain"],
  inspect: ["shared"],
  container: ["shared", "inspect"],
  verify: ["shared", "matrix", "toolchain", "build", "inspect", "container"],
  package: ["shared", "matrix", "build", "container", "verify"],
  smoke: ["shared", "matrix", "build", "package"],
  report: ["shared", "matrix", "build", "inspect", "verify", "package", "smoke"],
  doctor: ["shared", "inspect", "container", "verify", "report"],
  header: ["shared"],
  generate: ["shared", "header"],
  abi: ["shared", "header", "generate"],
  tidy: ["shared"],
  quality: ["shared", "tidy"],
  workflow: ["shared", "matrix"],
  bench: ["shared"],
  torture: ["shared"],
  reproduce: ["shared", "matrix", "inspect"],
  // The composition root: the one place that knows every stage.
  pipeline: [
    "shared",
    "matrix",
    "progress",
    "toolchain",
    "build",
    "inspect",
    "verify",
    "package",
    "smoke",
    "report",
    "header",
  ],
};

const drawerName = /(^|\/)(utils?|misc|helpers?|common)(\/|\.\w+$)/;

export const stageOrderRule: TidyRule = {
  name: "stage-order",
  promise: "no stage of tools/ imports a later stage; no barrels, no utils",
  check(tree) {
    const sources = tree.files.filter((file) => /^(tools|bindings|crates)\/.*\.(ts|rs|mjs)$/.test(file.path));
    return [
      ...sources.filter((file) => file.path.startsWith("tools/")).flatMap(forbiddenImports),
      ...sources.filter((file) => drawerName.test(file.path)).map(drawer),
      ...sources.filter(isBarrel).map(barrel),
    ];
  },
};

function forbiddenImports(file: SourceFile): TidyFinding[] {
  const stage = stageOf(file.path);
  // Entries (tools/x.ts) and tests may reach everything.
  if (stage === undefined || file.path.endsWith(".test.ts")) return [];
  const allowed = mayImport[stage];
  if (allowed === undefined) {
    const message = `folder tools/${stage} has no place in the stage order: add it to tools/tidy/stage-order.ts`;
    return [{ rule: "stage-order", path: file.path, line: 0, message }];
  }
  return file.text.split("\n").flatMap((line, index) => {
    const specifier = /(?:from|import)\s+"(\.[^"]+)"/.exec(line)?.[1];
    if (specifier === undefined) return [];
    const target = stageOf(normalize(join(dirname(file.path), specifier)));
    if (target === undefined || target === stage || allowed.includes(target)) return [];
    const message = `stage ${stage} imports ${target}, which is not to its left: pass the value in instead`;
    return [{ rule: "stage-order", path: file.path, line: index + 1, message }];
  });
}

function stageOf(path: string): string | undefined {
  return /^tools\/([\w-]+)\//.exec(path)?.[1];
}

function drawer(file: SourceFile): TidyFinding {
  return { rule: "stage-order", path: file.path, line: 0, message: "name the file after what it holds" };
}

/** Re-exports and nothing else. */
function isBarrel(file: SourceFile): boolean {
  // What a package offers its users stands in one list.
  if (!file.path.endsWith(".ts") || /^bindings\/\w+\/src\/(index|api)\.ts$/.test(file.path)) return false;
  const lines = file.text.split("\n").filter((line) => line.trim() !== "" && !/^\s*(\/\/|\/?\*)/.test(line));
  return lines.length > 0 && lines.every((line) => /^export\s+(\*|\{|type\s*\{).*\bfrom\b/.test(line));
}

function barrel(file: SourceFile): TidyFinding {
  return { rule: "stage-order", path: file.path, line: 0, message: "a file of re-exports: import the owner" };
}
