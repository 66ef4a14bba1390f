// A reading position in a run of tokens, with errors that point at the token that does not fit.
import type { Token } from "./lex.ts";
import { HeaderError } from "./source.ts";

/** Nesting of parentheses, structs and declarators that is still read; deeper headers are refused, not a stack overflow. */
const maxNesting = 100;

/** Operators in a row that are still read: tables of flags are or-ed from hundreds. */
const maxChain = 2000;

export class Cursor {
  readonly tokens: readonly Token[];
  index: number;
  private nesting = 0;

  /** `tokens` must end with an "end" token. */
  constructor(tokens: readonly Token[], index = 0) {
    this.tokens = tokens;
    this.index = index;
  }

  /** The token `ahead` places on; the end token stands for everything behind the end. */
  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)] as Token;
  }

  /** The token taken last. */
  get previous(): Token {
    return this.tokens[Math.max(0, this.index - 1)] as Token;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.index += 1;
    return token;
  }

  get isAtEnd(): boolean {
    return this.peek().kind === "end";
  }

  /** Whether the next token is one of these keywords or punctuators. */
  is(...texts: readonly string[]): boolean {
    const token = this.peek();
    return (token.kind === "identifier" || token.kind === "punctuator") && texts.includes(token.text);
  }

  /** Takes the token if it is `text`. */
  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.take();
    return true;
  }

  expect(text: string, what: string): Token {
    if (this.is(text)) return this.take();
    throw this.unexpected(`'${text}' ${what}`);
  }

  expectIdentifier(what: string): Token {
    if (this.peek().kind === "identifier") return this.take();
    throw this.unexpected(what);
  }

  /** Runs `read` one level deeper. */
  nested<Result>(read: () => Result): Result {
    this.nesting += 1;
    this.refuseDepth(this.nesting);
    try {
      return read();
    } finally {
      this.nesting -= 1;
    }
  }

  /** Refuses what is `depth` levels deep without parentheses: pointers to pointers, types behind types. */
  refuseDepth(depth: number, at?: Token): void {
    if (depth <= maxNesting) return;
    const remedy = "split the declaration or expression";
    throw this.error("header-nesting", `nested over ${maxNesting} levels deep`, remedy, at);
  }

  /** Refuses a row of `length` operators. */
  refuseChain(length: number): void {
    if (length <= maxChain) return;
    const remedy = "name parts of the expression, and use the names";
    throw this.error("header-nesting", `an expression of over ${maxChain} operators in a row`, remedy);
  }

  error(code: string, problem: string, remedy: string, at: Token = this.peek()): HeaderError {
    const via = at.macro === undefined ? "" : ` (in the expansion of macro ${at.macro})`;
    return new HeaderError(code, at, problem + via, remedy);
  }

  /** The error that something else stands where `expected` should. */
  unexpected(expected: string): HeaderError {
    const token = this.peek();
    const found = token.kind === "end" ? "the end" : `'${token.text}'`;
    return this.error(
      "header-syntax",
      `expected ${expected}, found ${found}`,
      "write it in plain C11; see --help for what is read",
    );
  }
}
