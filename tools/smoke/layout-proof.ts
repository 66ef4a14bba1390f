// Compiles the generated asserts on sizes, offsets and constants with the target's compiler, against the packaged headers.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compilerCommand } from "./c-compiler.ts";
import { runSteps } from "./compile-steps.ts";
import type { SmokeRequest } from "./smoke-bench.ts";
import type { LayoutProof } from "./verification.ts";

/** What of a target's bench the proofs need. */
export interface LayoutBench {
  readonly request: Pick<
    SmokeRequest,
    "project" | "process" | "cCompiler" | "stubLinker" | "sliceCompilers" | "signal"
  >;
  readonly packageDirectory: string;
  /** Where the object goes, which nobody links. */
  readonly workDirectory: string;
}

/** One proof for each compiler of the target: the slices of one file have one each. */
export async function proveLayouts(bench: LayoutBench): Promise<LayoutProof[]> {
  const { request } = bench;
  const { project, cCompiler, stubLinker, sliceCompilers = [] } = request;
  const source = join(project.root, project.generated.cLayout);
  const first = cCompiler ?? stubLinker?.compiler;
  if (first === undefined || project.generated.cLayout === "" || !existsSync(source)) return [];
  const asserts = (await readFile(source, "utf8")).match(/^\s*ABI_(ASSERT|TYPE)\(/gm)?.length ?? 0;
  const proofs: LayoutProof[] = [];
  for (const { slice, compiler } of [{ slice: undefined, compiler: first }, ...sliceCompilers]) {
    proofs.push({
      compiler: compiler.name,
      asserts,
      ...(slice === undefined ? {} : { slice }),
      ...(await runSteps([compilerCommand(compiler, compileArgs(source, bench))], request)),
    });
  }
  return proofs;
}

/** An assert that fails is an error of the compiler. zig cannot only look: it wants to write an object. */
function compileArgs(source: string, { request, packageDirectory, workDirectory }: LayoutBench): string[] {
  const include = join(packageDirectory, "include");
  const define = `-D${request.project.headers.staticDefine}`;
  return ["-std=c11", define, "-I", include, "-c", source, "-o", join(workDirectory, "layouts.o")];
}
