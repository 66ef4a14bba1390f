// What a stage found, kept beside the artifact and used again for as long as everything it depended on is the same.
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { FileDigests } from "../shared/file-digest.ts";
import { writeWholeFile } from "../shared/whole-file.ts";

/** A stage's result, and what it cost when it was found. */
export interface Outcome<T> {
  readonly result: T;
  readonly seconds: number;
  /** True when nothing was run because nothing had changed. */
  readonly reused: boolean;
}

export interface VerdictRequest<T> {
  /** File of the verdict. */
  readonly file: string;
  readonly digests: FileDigests;
  /** False where a person asked for this stage: it runs, whatever was found before. */
  readonly reuse: boolean;
  /** Digest of every input; asked before and after the run, so that a change in between is noticed. */
  readonly key: () => Promise<string>;
  readonly run: () => Promise<T>;
  /** Files that the run leaves; one that has changed since makes the verdict void. */
  readonly outputs: (result: T) => readonly string[];
  /** False for results that must not be used again, e.g. a failed run. */
  readonly isFinal: (result: T) => boolean;
  /** What the run asked the machine on its way. */
  readonly questions?: Questions;
}

/** Questions to the machine whose answers a result depends on, known only after they were asked. */
export interface Questions {
  /** Each question with its answer, as asked in this run. */
  asked(): Readonly<Record<string, string>>;
  /** The answer now. */
  answer(question: string): string;
}

interface Recorded<T> {
  readonly key: string;
  readonly seconds: number;
  readonly questions: Readonly<Record<string, string>>;
  readonly outputs: readonly { readonly path: string; readonly sha256: string }[];
  readonly result: T;
}

export async function decided<T>(request: VerdictRequest<T>): Promise<Outcome<T>> {
  const key = await request.key();
  const known = request.reuse ? await readRecorded<T>(request.file) : undefined;
  if (known !== undefined && (await stillHolds(known, key, request)))
    return { result: known.result, seconds: known.seconds, reused: true };
  // Gone before the run begins: an interrupted run leaves no verdict.
  await rm(request.file, { force: true });
  const started = performance.now();
  const result = await request.run();
  const seconds = (performance.now() - started) / 1000;
  if (request.isFinal(result) && (await request.key()) === key)
    await record(request, { key, seconds, result });
  return { result, seconds, reused: false };
}

async function stillHolds<T>(
  known: Recorded<T>,
  key: string,
  { digests, questions }: VerdictRequest<T>,
): Promise<boolean> {
  if (known.key !== key) return false;
  const isAnswered = ([question, answer]: [string, string]): boolean =>
    questions?.answer(question) === answer;
  return Object.entries(known.questions).every(isAnswered) && digests.match(known.outputs);
}

async function record<T>(
  { file, digests, outputs, questions }: VerdictRequest<T>,
  { key, seconds, result }: Pick<Recorded<T>, "key" | "seconds" | "result">,
): Promise<void> {
  const paths = outputs(result);
  const found = await Promise.all(paths.map((path) => digests.of(path)));
  const recorded: Recorded<T> = {
    key,
    seconds,
    questions: questions?.asked() ?? {},
    outputs: paths.map((path, index) => ({ path, sha256: found[index] ?? "missing" })),
    result,
  };
  await mkdir(dirname(file), { recursive: true });
  await writeWholeFile(file, `${JSON.stringify(recorded)}\n`);
}

async function readRecorded<T>(file: string): Promise<Recorded<T> | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Recorded<T>;
  } catch {
    return undefined;
  }
}
