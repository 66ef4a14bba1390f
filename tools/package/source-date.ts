// The one time stamp of a build: when its commit was made, not when or where it was built.
import { ToolError } from "../shared/errors.ts";
import type { Process } from "../shared/process.ts";
import type { Project } from "../shared/project.ts";

/** SOURCE_DATE_EPOCH where it is set, else the time of the checked-out commit; seconds since 1970. */
export async function sourceDateEpoch(project: Project, process: Process): Promise<number> {
  const given = globalThis.process.env["SOURCE_DATE_EPOCH"];
  return given === undefined || given === "" ? commitTime(project, process) : parseEpoch(given);
}

async function commitTime(project: Project, process: Process): Promise<number> {
  const args = ["-C", project.root, "log", "-1", "--format=%ct"];
  const exit = await process.run({ program: "git", args });
  if (exit.code !== 0) throw noTime(`git log failed in ${project.root}: ${exit.stderr.trim()}`);
  return parseEpoch(exit.stdout.trim());
}

/** Zip files cannot hold years before 1980 or after 2099. */
function parseEpoch(text: string): number {
  const seconds = Number(text);
  const isWhole = /^\d+$/.test(text) && Number.isSafeInteger(seconds);
  if (!isWhole || seconds < 315532800 || seconds >= 4102444800)
    throw noTime(`SOURCE_DATE_EPOCH ${JSON.stringify(text)} is not a time between 1980 and 2099`);
  return seconds;
}

function noTime(message: string): ToolError {
  const remedy = "set SOURCE_DATE_EPOCH to seconds since 1970, e.g. $(git log -1 --format=%ct)";
  return new ToolError({ code: "source-date", family: "usage", message, remedy });
}
