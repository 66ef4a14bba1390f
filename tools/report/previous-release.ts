// The last release as the report needs it: sizes and symbols, taken from the report.json of its own run.
import { readFile } from "node:fs/promises";
import { ToolError } from "../shared/errors.ts";
import type { RunReport, TargetReport } from "./run-report.ts";

export interface PreviousRelease {
  readonly version: string;
  readonly gitCommit: string;
  readonly files: readonly PreviousFile[];
}

export interface PreviousFile {
  readonly triple: string;
  /** Kind of a library ("dynamic", …) or of a package ("archive", …). */
  readonly kind: string;
  readonly bytes: number;
  /** Of a library that offers functions. */
  readonly exports?: readonly string[];
}

export async function readPreviousRelease(path: string): Promise<PreviousRelease> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw unusable(path, "cannot be read", cause);
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw unusable(path, "is no JSON", cause);
  }
  if (!isReport(content)) throw unusable(path, "is no report of a run");
  return {
    version: content.project.version,
    gitCommit: content.gitCommit,
    files: content.targets.flatMap(filesOf),
  };
}

function isReport(content: unknown): content is RunReport {
  if (typeof content !== "object" || content === null) return false;
  const { project, gitCommit, targets } = content as Partial<RunReport>;
  const isText = (value: unknown): boolean => typeof value === "string";
  return (
    isText(project?.version) && isText(gitCommit) && Array.isArray(targets) && targets.every(isTargetReport)
  );
}

function isTargetReport(content: unknown): content is TargetReport {
  if (typeof content !== "object" || content === null) return false;
  const { target, packages } = content as Partial<TargetReport>;
  return typeof target?.triple === "string" && Array.isArray(packages);
}

function filesOf({ target, artifact, libraries, packages }: TargetReport): PreviousFile[] {
  const { triple } = target;
  return [
    ...(artifact?.libraries ?? []).map(({ kind, bytes, fileName }) => {
      const summary = libraries?.find((library) => library.fileName === fileName);
      const exported = summary?.parts.find((part) => part.exports !== undefined)?.exports;
      return { triple, kind, bytes, ...(exported === undefined ? {} : { exports: exported }) };
    }),
    ...packages.map(({ kind, bytes }) => ({ triple, kind, bytes })),
  ];
}

function unusable(path: string, problem: string, cause?: unknown): ToolError {
  return new ToolError({
    code: "previous-report",
    family: "usage",
    message: `--previous ${path} ${problem}`,
    remedy: "give the report.json that the run of the last release has left in artifacts/report/",
    cause,
  });
}

/** Bytes that a file has grown by; undefined where the previous release had none like it. */
export function growth(
  previous: PreviousRelease | undefined,
  triple: string,
  kind: string,
  bytes: number,
): number | undefined {
  const before = previous?.files.find((file) => file.triple === triple && file.kind === kind);
  return before === undefined ? undefined : bytes - before.bytes;
}

export interface SymbolChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export function symbolChange(
  previous: PreviousRelease | undefined,
  triple: string,
  kind: string,
  exported: readonly string[],
): SymbolChange | undefined {
  const before = previous?.files.find((file) => file.triple === triple && file.kind === kind)?.exports;
  if (before === undefined) return undefined;
  const [old, fresh] = [new Set(before), new Set(exported)];
  return {
    added: exported.filter((name) => !old.has(name)),
    removed: before.filter((name) => !fresh.has(name)),
  };
}
