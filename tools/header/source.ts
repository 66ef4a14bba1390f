// Header files as text with positions, and errors that show the line with a caret under the culprit.
import { ToolError } from "../shared/errors.ts";
import type { SourceSpan } from "./model.ts";

export interface SourceFile {
  /** As messages and the model name it: relative to the include folder where possible. */
  readonly name: string;
  /** Absolute path, from which quoted includes are resolved; "" for text that comes from no file. */
  readonly path: string;
  readonly text: string;
  readonly lineStarts: readonly number[];
}

/** A place in a file; `offset` counts UTF-16 units from its start. */
export interface Position {
  readonly file: SourceFile;
  readonly offset: number;
}

export function sourceFile(name: string, path: string, text: string): SourceFile {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return { name, path, text, lineStarts };
}

/** Line and column, both from 1. */
export function locate({ file, offset }: Position): SourceSpan {
  const index = lineIndex(file, offset);
  return { file: file.name, line: index + 1, column: offset - (file.lineStarts[index] ?? 0) + 1 };
}

/** A construct of a header that is not understood or not allowed: file, line, column, the line, a caret, and what to do. */
export class HeaderError extends ToolError {
  readonly span: SourceSpan;
  /** The message without position and source line. */
  readonly problem: string;

  constructor(code: string, position: Position, problem: string, remedy: string) {
    const span = locate(position);
    const where = `${span.file}:${span.line}:${span.column}`;
    super({ code, family: "finding", message: `${where}: ${problem}\n${caret(position)}`, remedy });
    this.name = "HeaderError";
    this.span = span;
    this.problem = problem;
  }
}

/** Longest piece of a source line that a message shows. */
const shownColumns = 120;

/** The source line with its number, and under it a caret at the position. */
export function caret(position: Position): string {
  const { file, offset } = position;
  const index = lineIndex(file, offset);
  const start = file.lineStarts[index] ?? 0;
  const line = lineText(file, index);
  const column = Math.min(offset - start, line.length);
  const cut = column < shownColumns - 20 ? 0 : column - shownColumns / 2;
  const shown = line.slice(cut, cut + shownColumns);
  const gutter = String(index + 1);
  // Tabs stay tabs, so that the caret stands under its character however wide the terminal shows them.
  const padding = shown.slice(0, column - cut).replace(/[^\t]/g, " ");
  return `  ${gutter} | ${shown}\n  ${" ".repeat(gutter.length)} | ${padding}^`;
}

/** Whether the two offsets lie on the same line. */
export function sameLine(file: SourceFile, left: number, right: number): boolean {
  return lineIndex(file, left) === lineIndex(file, right);
}

function lineText(file: SourceFile, index: number): string {
  const start = file.lineStarts[index] ?? 0;
  const end = file.lineStarts[index + 1] ?? file.text.length + 1;
  return file.text.slice(start, end - 1).replace(/\r$/, "");
}

function lineIndex(file: SourceFile, offset: number): number {
  let low = 0;
  let high = file.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((file.lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
