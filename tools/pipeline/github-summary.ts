// Tells GitHub Actions what went wrong at which place, and puts the table of the run on the page of the workflow.
import { appendFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { annotation, type Annotation } from "../progress/github-actions.ts";
import type { RunReport, TargetReport } from "../report/run-report.ts";
import { failuresOf } from "../smoke/verification.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export async function tellGithub(
  { run, root }: { readonly run: RunReport; readonly root: string },
  environment: Environment,
  print: (line: string) => void,
): Promise<void> {
  const workspace = environment["GITHUB_WORKSPACE"] ?? root;
  for (const found of annotationsOf(run)) print(annotation(seenFrom(workspace, root, found)));
  const page = environment["GITHUB_STEP_SUMMARY"];
  if (page === undefined || page === "") return;
  const { markdownReport } = await import("../report/markdown.ts");
  await appendFile(page, `${markdownReport(run)}\n`);
}

/** GitHub shows ten errors a step; the first places of each rule come before the rest. */
export function annotationsOf({ targets }: RunReport): Annotation[] {
  return targets.flatMap((target) => [
    ...failed(target),
    ...found(target),
    ...ranBadly(target),
    ...skipped(target),
  ]);
}

/** Compilers name files from the project's root; GitHub takes them from the root of the checkout. */
function seenFrom(workspace: string, root: string, { file, ...rest }: Annotation): Annotation {
  return file === undefined ? rest : { ...rest, file: relative(workspace, resolve(root, file)) };
}

function failed({ target, failure }: TargetReport): Annotation[] {
  if (failure === undefined) return [];
  const { message, lines, cause, remedy, place } = failure;
  const text = [
    message,
    ...(lines ?? []),
    ...(cause === undefined ? [] : [`likely cause: ${cause}`]),
    `fix: ${remedy}`,
  ];
  return [{ level: "error", title: `${target.triple} failed`, message: text.join("\n"), ...place }];
}

function found({ target, findings }: TargetReport): Annotation[] {
  const first = new Map(findings.map((finding) => [`${finding.gate} ${finding.file}`, finding]));
  return [...first.values()].map(({ gate, severity, file, title, evidence, fix }) => ({
    level: severity === "error" ? "error" : "warning",
    title: `${target.triple} ${gate}`,
    message: `${file}: ${title}\n${evidence.section} at ${evidence.offset}: ${evidence.value}\nfix: ${fix}`,
  }));
}

function ranBadly({ target, verification }: TargetReport): Annotation[] {
  return (verification === undefined ? [] : failuresOf(verification)).map((message) => ({
    ...{ level: "error", title: `${target.triple} smoke`, message },
  }));
}

function skipped({ target, verification }: TargetReport): Annotation[] {
  return (verification?.skipped ?? []).map(({ client, reason, remedy }) => ({
    ...{ level: "notice", title: `${target.triple} ${client} skipped`, message: `${reason}; ${remedy}` },
  }));
}
