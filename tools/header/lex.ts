// C tokens of one file: line splices joined, comments set aside for the documentation, nothing dropped silently.
import { HeaderError, type SourceFile } from "./source.ts";

/**
 * "stray": a character that is no C, or a quote without its partner. Allowed where compilers allow it (skipped groups, #error
 * text), refused by whoever meets it elsewhere. "pragma": a whole #pragma line, its tokens in `pragma`.
 */
export type TokenKind =
  "identifier" | "number" | "string" | "character" | "punctuator" | "stray" | "pragma" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** As written, line splices removed. */
  readonly text: string;
  readonly file: SourceFile;
  readonly offset: number;
  /** Offset behind the last character. */
  readonly end: number;
  /** First token of its line. */
  readonly startsLine: boolean;
  readonly spaceBefore: boolean;
  /** The macro whose expansion produced the token; its position is then that of the macro's use. */
  readonly macro?: string;
  /** Macros that may not be expanded again in this token, since it came from their expansion. */
  readonly hidden?: ReadonlySet<string>;
  readonly pragma?: readonly Token[];
}

export interface Comment {
  readonly offset: number;
  readonly end: number;
  readonly text: string;
}

export interface LexedFile {
  readonly file: SourceFile;
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
}

// Longest first, so that the first match is the longest.
const punctuators = [
  "%:%:",
  "...",
  "<<=",
  ">>=",
  ...[
    "->",
    "++",
    "--",
    "<<",
    ">>",
    "<=",
    ">=",
    "==",
    "!=",
    "&&",
    "||",
    "*=",
    "/=",
    "%=",
    "+=",
    "-=",
    "&=",
    "^=",
  ],
  ...["|=", "##", "::", "<:", ":>", "<%", "%>", "%:"],
  ...Array.from("[](){}.&*+-~!/%<>^|?:;=,#"),
];

const digraphs: Readonly<Record<string, string>> = {
  "<:": "[",
  ":>": "]",
  "<%": "{",
  "%>": "}",
  "%:": "#",
  "%:%:": "##",
};

export function lex(file: SourceFile): LexedFile {
  return new Lexer(file).run();
}

class Lexer {
  private readonly file: SourceFile;
  private readonly text: string;
  private readonly tokens: Token[] = [];
  private readonly comments: Comment[] = [];
  private at: number;
  private startsLine = true;
  private spaceBefore = false;

  constructor(file: SourceFile) {
    this.file = file;
    this.text = file.text;
    this.at = file.text.startsWith("\uFEFF") ? 1 : 0;
  }

  run(): LexedFile {
    for (;;) {
      this.skipBlank();
      const start = this.at;
      if (start >= this.text.length) break;
      this.token(start);
      this.startsLine = false;
      this.spaceBefore = false;
    }
    this.startsLine = true;
    this.push("end", this.at, "");
    return { file: this.file, tokens: this.tokens, comments: this.comments };
  }

  private token(start: number): void {
    const char = this.peek();
    const next = this.peek(1);
    if (isDigit(char) || (char === "." && isDigit(next))) {
      this.number(start);
      return;
    }
    if (char === '"' || char === "'") {
      this.quoted(start, "");
      return;
    }
    if (isIdentifierStart(char)) {
      this.identifier(start);
      return;
    }
    for (const candidate of punctuators) {
      if (!this.startsWith(candidate)) continue;
      for (let taken = 0; taken < candidate.length; taken += 1) this.take();
      this.push("punctuator", start, digraphs[candidate] ?? candidate);
      return;
    }
    this.push("stray", start, this.take());
  }

  private identifier(start: number): void {
    let text = "";
    while (isIdentifierPart(this.peek())) text += this.take();
    const quote = this.peek();
    if (
      (quote === '"' || quote === "'") &&
      ["L", "u", "U", "u8", "R", "LR", "uR", "UR", "u8R"].includes(text)
    ) {
      this.quoted(start, text);
      return;
    }
    this.push("identifier", start, text);
  }

  /** A preprocessing number: also takes what is no valid number, which the evaluator then refuses by its text. */
  private number(start: number): void {
    let text = this.take();
    for (;;) {
      const char = this.peek();
      if ((char === "+" || char === "-") && /[eEpP]$/.test(text) && !/^0[xX][0-9a-fA-F]*[eE]$/.test(text))
        text += this.take();
      else if (isIdentifierPart(char) || char === "." || (char === "'" && isIdentifierPart(this.peek(1))))
        text += this.take();
      else break;
    }
    this.push("number", start, text);
  }

  private quoted(start: number, prefix: string): void {
    if (prefix.endsWith("R"))
      throw this.error(
        start,
        "header-raw-string",
        "a C++ raw string",
        "write an ordinary string with escapes",
      );
    const quote = this.take();
    let text = prefix + quote;
    for (;;) {
      const char = this.peek();
      if (char === "" || char === "\n") {
        this.push("stray", start, text);
        return;
      }
      text += this.take();
      if (char === quote) break;
      if (char === "\\" && this.peek() !== "" && this.peek() !== "\n") text += this.take();
    }
    this.push(quote === '"' ? "string" : "character", start, text);
  }

  private skipBlank(): void {
    for (;;) {
      const char = this.peek();
      if (char === "") return;
      if (char === "\n") {
        this.take();
        this.startsLine = true;
        this.spaceBefore = false;
      } else if (" \t\r\v\f".includes(char)) {
        this.take();
        this.spaceBefore = true;
      } else if (char === "/" && (this.peek(1) === "*" || this.peek(1) === "/")) {
        this.comment();
        this.spaceBefore = true;
      } else return;
    }
  }

  private comment(): void {
    this.skipSplices();
    const start = this.at;
    const isBlock = this.peek(1) === "*";
    this.take();
    this.take();
    if (isBlock) this.blockComment(start);
    else while (this.peek() !== "" && this.peek() !== "\n") this.take();
    this.comments.push({ offset: start, end: this.at, text: this.text.slice(start, this.at) });
  }

  private blockComment(start: number): void {
    while (!(this.peek() === "*" && this.peek(1) === "/")) {
      if (this.peek() === "")
        throw this.error(start, "header-unterminated", "unterminated comment", "close it with */");
      this.take();
    }
    this.take();
    this.take();
  }

  /** The character `ahead` places on, or "" at the end of the file; line splices do not count. */
  private peek(ahead = 0): string {
    let at = spliceEnd(this.text, this.at);
    for (let step = 0; step < ahead; step += 1) at = spliceEnd(this.text, at + 1);
    return this.text[at] ?? "";
  }

  private take(): string {
    this.skipSplices();
    const char = this.text[this.at] ?? "";
    this.at = Math.min(this.at + 1, this.text.length);
    return char;
  }

  private skipSplices(): void {
    this.at = spliceEnd(this.text, this.at);
  }

  private startsWith(candidate: string): boolean {
    for (let index = 0; index < candidate.length; index += 1)
      if (this.peek(index) !== candidate[index]) return false;
    return true;
  }

  private push(kind: TokenKind, start: number, text: string): void {
    const { file, startsLine, spaceBefore } = this;
    const offset = Math.min(spliceEnd(this.text, start), this.text.length);
    this.tokens.push({ kind, text, file, offset, end: this.at, startsLine, spaceBefore });
  }

  private error(offset: number, code: string, problem: string, remedy: string): HeaderError {
    return new HeaderError(code, { file: this.file, offset: spliceEnd(this.text, offset) }, problem, remedy);
  }
}

/** Where the text goes on behind any backslash-newline pairs at `at`. */
function spliceEnd(text: string, at: number): number {
  let end = at;
  while (text[end] === "\\") {
    if (text[end + 1] === "\n") end += 2;
    else if (text[end + 1] === "\r" && text[end + 2] === "\n") end += 3;
    else break;
  }
  return end;
}

function isDigit(char: string): boolean {
  return char >= "0" && char <= "9";
}

// The dollar sign is no C, but every compiler of the matrix takes it in names.
function isIdentifierStart(char: string): boolean {
  return /^[A-Za-z_$\u00AA-\uFFFF]$/.test(char);
}

function isIdentifierPart(char: string): boolean {
  return /^[A-Za-z0-9_$\u00AA-\uFFFF]$/.test(char);
}

/** What is wrong with a stray token. */
export function strayError(token: Token): HeaderError {
  const position = { file: token.file, offset: token.offset };
  const quote = /["']/.exec(token.text)?.[0];
  if (quote !== undefined) {
    const what = quote === '"' ? "string" : "character constant";
    return new HeaderError(
      "header-unterminated",
      position,
      `unterminated ${what}`,
      `close it with ${quote} on the same line`,
    );
  }
  const code = token.text.codePointAt(0) ?? 0;
  const name =
    code > 0x20 && code < 0x7f ? `'${token.text}'` : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  const remedy = "remove it, or put it into a string or comment";
  return new HeaderError("header-character", position, `unexpected character ${name}`, remedy);
}
