// Finds the comment that documents a declaration: the one behind it on its line, else the one directly above.
import type { Extent } from "./declarations.ts";
import type { Comment } from "./lex.ts";
import { sameLine, type SourceFile } from "./source.ts";

/** The documentation of what stretches over `extent`, without comment marks; "" without any. */
export function documentation(comments: ReadonlyMap<SourceFile, readonly Comment[]>, extent: Extent): string {
  const { first, last } = extent;
  const ofLast = comments.get(last.file) ?? [];
  const trailing = ofLast.find(
    (comment) => comment.offset >= last.end && isBehind(last.file, last.end, comment.offset),
  );
  if (trailing !== undefined) return cleaned([trailing]);
  return cleaned(above(first.file, comments.get(first.file) ?? [], first.offset));
}

function isBehind(file: SourceFile, end: number, offset: number): boolean {
  return sameLine(file, end, offset) && /^[\s,;]*$/.test(file.text.slice(end, offset));
}

/** Between comment and declaration stand at most a line end, `#define`, and macros that expand to nothing. */
const between = /^[ \t\r]*\n?[ \t]*(?:#[ \t]*define[ \t]+)?[\w() \t*]*$/;

/** The comment that ends right above `offset`; of line comments all that follow each other. */
function above(file: SourceFile, comments: readonly Comment[], offset: number): Comment[] {
  const found: Comment[] = [];
  let start = offset;
  for (const comment of [...comments].reverse()) {
    if (comment.end > start) continue;
    if (!between.test(file.text.slice(comment.end, start)) || !startsItsLine(file, comment)) break;
    found.unshift(comment);
    start = comment.offset;
    if (!comment.text.startsWith("//")) break;
  }
  return found;
}

function startsItsLine(file: SourceFile, comment: Comment): boolean {
  const lineStart = file.text.lastIndexOf("\n", comment.offset - 1) + 1;
  return file.text.slice(lineStart, comment.offset).trim() === "";
}

/** Paragraphs with their lines joined, so that wrapping a comment differently changes nothing. */
function cleaned(comments: readonly Comment[]): string {
  const lines = comments.flatMap((comment) => stripped(comment.text));
  const paragraphs: string[][] = [[]];
  for (const line of lines) {
    if (line === "") paragraphs.push([]);
    else paragraphs.at(-1)?.push(line);
  }
  const text = paragraphs.map((paragraph) => paragraph.join(" ")).filter((paragraph) => paragraph !== "");
  // A ruled line is the title of a section, not the description of what follows.
  return text.length === 1 && /^[-=*]{3}/.test(text[0] ?? "") ? "" : text.join("\n");
}

function stripped(comment: string): string[] {
  if (comment.startsWith("//")) return [comment.replace(/^\/\/[/!]?<?/, "").trim()];
  const inner = comment.replace(/^\/\*+[!<]*/, "").replace(/\**\*\/$/, "");
  return inner.split(/\r?\n/).map((line) => line.replace(/^\s*\*+(?=\s|$)/, "").trim());
}
