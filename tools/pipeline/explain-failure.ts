// Adds to a failure what its log tells: the lines that matter, where they point, and the likely cause.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Folders } from "../matrix/folders.ts";
import type { TargetFailure } from "../report/run-report.ts";
import { likelyCause, relevantLines, sourcePlace } from "../shared/likely-cause.ts";

export async function explainFailure(
  failure: TargetFailure,
  triple: string,
  { artifacts }: Folders,
): Promise<TargetFailure> {
  const log = join(artifacts, triple, "build.log");
  const text = failure.code === "build-failed" ? await readFile(log, "utf8").catch(() => "") : "";
  const lines = text === "" ? undefined : relevantLines(text);
  // The message counts too: a full disk may have kept the log from being written.
  const found = likelyCause(`${failure.message}\n${text}`);
  const place = sourcePlace(lines ?? failure.message.split("\n"));
  return {
    ...failure,
    message: lines === undefined ? failure.message : (failure.message.split("\n")[0] ?? ""),
    ...(found === undefined ? {} : { cause: found.cause, remedy: found.remedy }),
    ...(lines === undefined ? {} : { lines, log }),
    ...(place === undefined ? {} : { place }),
  };
}
