// What the README shows must be what the repository has: the same examples, the same commands.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { project } from "../../nnrp.project.ts";

const read = (path: string): string => readFileSync(join(project.root, path), "utf8");
const readme = read("README.md");

/** The first fenced block of a language. */
function block(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1] ?? "";
}

test("the Node program of the README is the example, with its endpoint written out", () => {
  const example = read("examples/node/first.mjs")
    .replace(/^\/\/.*\n/, "")
    .replace('process.argv[2] ?? "', '"');
  expect(block("js")).toBe(example);
});

test("the Rust program of the README is the doc test of nnrp-runtime", () => {
  const documented = read("crates/nnrp-runtime/src/client.rs");
  for (const line of block("rust")
    .split("\n")
    .filter((text) => text !== "")) {
    expect(documented).toContain(line);
  }
});

test("every npm script that the README names exists", () => {
  const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: object }).scripts);
  const named = [...readme.matchAll(/npm run (\w+)/g)].map((match) => match[1] ?? "");
  expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
});

const compilers = [
  ["gcc", ["-std=c11"]],
  ["g++", ["-std=c++17", "-x", "c++", "-Wno-missing-field-initializers"]],
] as const;

test.for(compilers)("the C example compiles without a warning with %s", ([program, standard], { skip }) => {
  const flags = [
    "-fsyntax-only",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-pedantic",
    `-I${join(project.root, "include")}`,
  ];
  const source = join(project.root, "examples/c/first.c");
  const compiler = spawnSync(program, [...standard, ...flags, source], { encoding: "utf8" });
  if (compiler.error !== undefined) skip(`no ${program}: apt-get install -y ${program}`);
  expect(compiler.stderr).toBe("");
  expect(compiler.status).toBe(0);
});
