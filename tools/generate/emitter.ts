// What an emitter is: a pure function from the ABI model to files.
import type { AbiModel } from "../header/model.ts";
import type { Project } from "../shared/project.ts";

export type Language = "c" | "rust" | "node";

export const languages: readonly Language[] = ["c", "rust", "node"];

/** The part of a project that emitters read; a foreign header gets one derived from its file name. */
export type GenerationProject = Pick<
  Project,
  "name" | "version" | "crate" | "headers" | "generated" | "node"
>;

export interface GeneratedFile {
  /** Relative to the project's root, or to `--out`; with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Emitter {
  /** For messages: "c-layout", "rust-abi". */
  readonly name: string;
  /** "all": whatever language is asked for. */
  readonly language: Language | "all";
  /** Deterministic: the same model gives the same bytes. Throws ToolError for a construct it does not support. */
  emit(model: AbiModel, project: GenerationProject): readonly GeneratedFile[];
}
