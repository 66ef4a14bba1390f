// What the line of a directive says: a macro's definition, the name of a file, or that no such directive is known.
import { nearestNames } from "../shared/nearest.ts";
import type { Token } from "./lex.ts";
import type { Macro } from "./macro.ts";
import { HeaderError } from "./source.ts";

/** The tokens of the logical line that starts at `index`. */
export function lineFrom(tokens: readonly Token[], index: number): Token[] {
  const line: Token[] = [];
  for (let at = index; at < tokens.length; at += 1) {
    const token = tokens[at] as Token;
    if (token.kind === "end" || (at > index && token.startsLine)) break;
    line.push(token);
  }
  return line;
}

export function parseDefine(directive: Token, rest: readonly Token[], isSystem: boolean): Macro {
  const nameToken = rest[0];
  if (nameToken?.kind !== "identifier" || nameToken.text === "defined") {
    throw new HeaderError(
      "header-define",
      nameToken ?? directive,
      "#define needs a name",
      "write #define NAME value",
    );
  }
  const name = nameToken.text;
  const open = rest[1];
  if (open?.text !== "(" || open.spaceBefore) {
    return { name, nameToken, params: null, isVariadic: false, body: rest.slice(1), isSystem };
  }
  const close = rest.findIndex((token) => token.text === ")");
  if (close === -1)
    throw new HeaderError(
      "header-define",
      open,
      `the parameters of macro ${name} do not end`,
      "close them with )",
    );
  const { params, isVariadic } = parseParams(name, rest.slice(2, close));
  return { name, nameToken, params, isVariadic, body: rest.slice(close + 1), isSystem };
}

function parseParams(name: string, tokens: readonly Token[]): { params: string[]; isVariadic: boolean } {
  const params: string[] = [];
  for (let index = 0; index < tokens.length; index += 2) {
    const token = tokens[index] as Token;
    const comma = tokens[index + 1];
    if (token.text === "..." && comma === undefined) return { params, isVariadic: true };
    const isFresh = token.kind === "identifier" && !params.includes(token.text);
    if (
      !isFresh ||
      (comma !== undefined && comma.text !== ",") ||
      (comma !== undefined && index + 2 >= tokens.length)
    ) {
      const remedy = `write #define ${name}(a, b) or #define ${name}(a, ...)`;
      throw new HeaderError(
        "header-define",
        token,
        `the parameter list of macro ${name} is not understood`,
        remedy,
      );
    }
    params.push(token.text);
  }
  return { params, isVariadic: false };
}

export function includeName(tokens: readonly Token[]): { name: string; isAngled: boolean } | undefined {
  const first = tokens[0];
  if (first?.kind === "string" && tokens.length === 1)
    return { name: first.text.slice(1, -1), isAngled: false };
  const last = tokens.at(-1);
  if (first?.text !== "<" || last?.text !== ">" || tokens.length < 3) return undefined;
  // As written, since `<a b.h>` and `<a//b.h>` are names too; a macro's tokens have no text of their own in the file.
  const name =
    first.macro === undefined ? first.file.text.slice(first.end, last.offset) : spelled(tokens.slice(1, -1));
  return { name, isAngled: true };
}

const directives = [
  ...[
    "include",
    "define",
    "undef",
    "if",
    "ifdef",
    "ifndef",
    "elif",
    "else",
    "endif",
    "pragma",
    "error",
    "warning",
  ],
];

export function unknownDirective(name: Token): HeaderError {
  const nearest = nearestNames(name.text, directives);
  const remedy =
    nearest.length > 0 ? `did you mean #${nearest.join(", #")}?` : `known are #${directives.join(", #")}`;
  return new HeaderError("header-directive", name, `#${name.text} is not supported`, remedy);
}

export function withoutIf(name: Token): HeaderError {
  return new HeaderError(
    "header-conditional",
    name,
    `#${name.text} without #if`,
    "remove it, or add the #if it belongs to",
  );
}

/** Tokens as they are written. */
export function spelled(tokens: readonly Token[]): string {
  return tokens.map((token, index) => (index > 0 && token.spaceBefore ? " " : "") + token.text).join("");
}
