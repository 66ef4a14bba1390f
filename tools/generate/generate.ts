// One run of header-to-ts: read the headers, emit everything in memory, then compare or write.
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { AbiModel } from "../header/model.ts";
import { readHeader } from "../header/read-header.ts";
import { exitCodes, ToolError, type ExitCode } from "../shared/errors.ts";
import type { Project } from "../shared/project.ts";
import { usage, type Arguments } from "./arguments.ts";
import { languages, type GeneratedFile, type GenerationProject, type Language } from "./emitter.ts";
import { emitters } from "./emitters.ts";
import { foreignProject } from "./foreign-project.ts";
import { compareFiles, writeFiles } from "./output.ts";
import { renderComparisons, renderModel } from "./render.ts";

/** Runs the command; `print` gets its standard output, `warn` its standard error. */
export async function generate(
  given: Arguments,
  defaultProject: Project,
  print: (text: string) => void,
  warn: (text: string) => void,
): Promise<ExitCode> {
  const project = given.config === null ? defaultProject : await loadProject(given.config);
  const headers = given.headers.map((header) => resolve(header));
  const isOwn = headers.every((header) => ownHeaders(project).includes(header));
  return isOwn ? generateOwn(given, project, print) : generateForeign(given, headers, print, warn);
}

function generateOwn(given: Arguments, project: Project, print: (text: string) => void): ExitCode {
  const model = readHeader({
    name: project.name,
    headers: ownHeaders(project).slice(0, 1),
    includeDirectories: [
      join(project.root, project.headers.includeDirectory),
      ...given.include.map((folder) => resolve(folder)),
    ],
    overlay: join(project.root, project.headers.overlay),
    functionPrefix: project.headers.functionPrefix,
    defines: given.define,
  });
  const files = (given.languages ?? languages).reduce<readonly GeneratedFile[]>(
    (all, language) => [...all, ...emit(model, project, language)],
    emit(model, project, "all"),
  );
  return finish(given, model, files, given.out === null ? project.root : resolve(given.out), print);
}

function generateForeign(
  given: Arguments,
  headers: readonly string[],
  print: (text: string) => void,
  warn: (text: string) => void,
): ExitCode {
  const project = foreignProject(headers[0] ?? "", headers.slice(1));
  const model = readHeader({
    name: project.name,
    headers,
    includeDirectories: [project.headers.includeDirectory, ...given.include.map((folder) => resolve(folder))],
    defines: given.define,
  });
  if (given.out === null) {
    if (given.check)
      throw usage(
        "--check of a header outside the project needs --out",
        "name the folder with its generated files",
      );
    print(given.json ? JSON.stringify(model) : renderModel(model));
    return exitCodes.ok;
  }
  const emitted = (given.languages ?? languages).map((language) =>
    emitForeign(model, project, language, given.languages !== null, warn),
  );
  return finish(given, model, [...emit(model, project, "all"), ...emitted.flat()], resolve(given.out), print);
}

/** A language that cannot express the header is an error if it was asked for, else a line on standard error. */
function emitForeign(
  model: AbiModel,
  project: GenerationProject,
  language: Language,
  isAsked: boolean,
  warn: (text: string) => void,
): readonly GeneratedFile[] {
  try {
    return emit(model, project, language);
  } catch (error) {
    if (isAsked || !(error instanceof ToolError)) throw error;
    warn(`not generated for ${language}: ${error.message}`);
    return [];
  }
}

function emit(
  model: AbiModel,
  project: GenerationProject,
  language: Language | "all",
): readonly GeneratedFile[] {
  return emitters
    .filter((emitter) => emitter.language === language)
    .flatMap((emitter) => emitter.emit(model, project));
}

function finish(
  given: Arguments,
  model: AbiModel,
  files: readonly GeneratedFile[],
  root: string,
  print: (text: string) => void,
): ExitCode {
  const comparisons = compareFiles(files, root);
  const differing = comparisons.filter(({ state }) => state !== "same");
  if (!given.check) writeFiles(files, root, comparisons);
  if (given.json)
    print(
      JSON.stringify({ hash: model.hash, version: model.version, checked: given.check, files: comparisons }),
    );
  else print(renderComparisons(model, comparisons, given.check));
  return given.check && differing.length > 0 ? exitCodes.finding : exitCodes.ok;
}

function ownHeaders(project: Project): string[] {
  return project.headers.files.map((file) => join(project.root, project.headers.includeDirectory, file));
}

async function loadProject(file: string): Promise<Project> {
  const path = resolve(file);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw usage(`--config ${file} is no file`, "name a project file");
  const loaded = (await import(pathToFileURL(path).href)) as { project?: Project };
  if (loaded.project === undefined)
    throw usage(`${file} does not export "project"`, "see tools/shared/project.ts for its type");
  return loaded.project;
}
