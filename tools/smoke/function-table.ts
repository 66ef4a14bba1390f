// C source that names every function of the headers, so that a program with it links only where each one is defined.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Project } from "../shared/project.ts";

export interface FunctionTable {
  /** A source file that names every function. */
  readonly text: string;
  readonly count: number;
}

/** The compiler sees each declaration, the linker has to find each definition. */
export async function functionTable({ root, headers, generated }: Project): Promise<FunctionTable> {
  const model = JSON.parse(await readFile(join(root, generated.abiModel), "utf8")) as {
    readonly functions: readonly { readonly name: string }[];
  };
  const entries = model.functions.map(({ name }) => `    (void (*)(void))${name},\n`);
  const header = headers.files[0] ?? "";
  const table = `extern void (*const functions[])(void);\nvoid (*const functions[])(void) = {\n${entries.join("")}};\n`;
  return { text: `#include <${header}>\n${table}`, count: entries.length };
}
