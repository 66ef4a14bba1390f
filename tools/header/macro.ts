// Macro expansion after the C standard: arguments, # and ##, hide sets against recursion, and a bound on the total.
import { strayError, lex, type Token } from "./lex.ts";
import { HeaderError, locate, sourceFile } from "./source.ts";

export interface Macro {
  readonly name: string;
  readonly nameToken: Token;
  /** null: object-like. */
  readonly params: readonly string[] | null;
  readonly isVariadic: boolean;
  readonly body: readonly Token[];
  /** From a system header or predefined: not part of the model. */
  readonly isSystem: boolean;
}

/** Tokens that all expansions of one header may produce; a header of 10,000 lines needs some 10,000. */
const maxExpandedTokens = 1_000_000;

/** Hide sets grow with the depth of macros that use macros. */
const maxMacroDepth = 200;

export class MacroTable {
  private readonly macros = new Map<string, Macro>();
  private produced = 0;

  get(name: string): Macro | undefined {
    return this.macros.get(name);
  }

  /** In the order of definition. */
  all(): readonly Macro[] {
    return [...this.macros.values()];
  }

  define(macro: Macro): void {
    const known = this.macros.get(macro.name);
    if (known !== undefined && !known.isSystem && !isSameMacro(known, macro)) {
      const first = locate({ file: known.nameToken.file, offset: known.nameToken.offset });
      throw new HeaderError(
        "header-macro-redefined",
        macro.nameToken,
        `macro ${macro.name} is defined differently in ${first.file}:${first.line}`,
        "#undef it first, or give one of them another name",
      );
    }
    if (known === undefined || known.isSystem) {
      this.macros.delete(macro.name);
      this.macros.set(macro.name, macro);
    }
  }

  undefine(name: string): void {
    this.macros.delete(name);
  }

  /** Fully expands a run of tokens. */
  expand(tokens: readonly Token[]): Token[] {
    const output: Token[] = [];
    const pending = [...tokens].reverse();
    for (let token = pending.pop(); token !== undefined; token = pending.pop()) {
      const replacement = this.expandOne(token, pending);
      if (replacement === undefined) output.push(token);
      else pushReversed(pending, replacement);
    }
    return output;
  }

  /** The replacement of a macro use at `token`, its arguments taken from `pending`; undefined if it is none. */
  private expandOne(token: Token, pending: Token[]): Token[] | undefined {
    if (token.kind !== "identifier" || token.hidden?.has(token.text) === true) return undefined;
    if (token.text === "__LINE__" || token.text === "__FILE__") return [positionToken(token)];
    const macro = this.macros.get(token.text);
    if (macro === undefined) return undefined;
    if ((token.hidden?.size ?? 0) > maxMacroDepth) throw tooLarge(token);
    if (macro.params === null) {
      const hidden = new Set([...(token.hidden ?? []), macro.name]);
      return this.count(token, substitute(macro.body, macro, new Map(), token, hidden));
    }
    if (pending.at(-1)?.text !== "(") return undefined;
    const { args, close } = takeArguments(macro, token, pending);
    const shared = [...(token.hidden ?? [])].filter((name) => close.hidden?.has(name) === true);
    return this.count(
      token,
      substitute(macro.body, macro, this.bind(macro, args), token, new Set([...shared, macro.name])),
    );
  }

  private bind(macro: Macro, args: readonly (readonly Token[])[]): Map<string, Argument> {
    const names = macro.isVariadic ? [...(macro.params ?? []), "__VA_ARGS__"] : (macro.params ?? []);
    const bound = new Map<string, Argument>();
    names.forEach((name, index) => {
      const raw = args[index] ?? [];
      bound.set(name, { raw, expanded: this.expand(raw) });
    });
    return bound;
  }

  private count(use: Token, tokens: Token[]): Token[] {
    this.produced += tokens.length + 1;
    if (this.produced > maxExpandedTokens) throw tooLarge(use);
    return tokens;
  }
}

interface Argument {
  readonly raw: readonly Token[];
  readonly expanded: readonly Token[];
}

function takeArguments(macro: Macro, use: Token, pending: Token[]): { args: Token[][]; close: Token } {
  pending.pop();
  const args: Token[][] = [[]];
  let depth = 0;
  for (let token = pending.pop(); token !== undefined; token = pending.pop()) {
    if (depth === 0 && token.text === ")" && token.kind === "punctuator")
      return { args: checkCount(macro, use, args), close: token };
    if (token.kind === "punctuator" && token.text === "(") depth += 1;
    if (token.kind === "punctuator" && token.text === ")") depth -= 1;
    const isInRest = macro.isVariadic && args.length > (macro.params?.length ?? 0);
    if (depth === 0 && token.kind === "punctuator" && token.text === "," && !isInRest) args.push([]);
    else args.at(-1)?.push(token);
  }
  throw new HeaderError(
    "header-macro-arguments",
    use,
    `the arguments of macro ${macro.name} do not end`,
    "close them with ) before the next directive",
  );
}

function checkCount(macro: Macro, use: Token, args: Token[][]): Token[][] {
  const wanted = macro.params?.length ?? 0;
  const isEmptyCall = args.length === 1 && args[0]?.length === 0;
  const given = isEmptyCall && wanted === 0 ? 0 : args.length;
  if (given === wanted || (macro.isVariadic && given >= wanted)) return args;
  const problem = `macro ${macro.name} takes ${wanted} argument${wanted === 1 ? "" : "s"}, but gets ${given}`;
  throw new HeaderError(
    "header-macro-arguments",
    use,
    problem,
    `see its definition in ${macro.nameToken.file.name}`,
  );
}

/** The body with parameters replaced; `#` and `##` act on arguments as written, everything else on expanded ones. */
function substitute(
  body: readonly Token[],
  macro: Macro,
  args: ReadonlyMap<string, Argument>,
  use: Token,
  hidden: ReadonlySet<string>,
): Token[] {
  const placed = body.map((token) => atUse(token, use, macro));
  const output: Token[] = [];
  for (let index = 0; index < placed.length; index += 1) {
    const token = placed[index] as Token;
    const next = placed[index + 1];
    if (token.text === "#" && macro.params !== null && next !== undefined && args.has(next.text)) {
      output.push(stringify(args.get(next.text)?.raw ?? [], use));
      index += 1;
    } else if (isPaste(next) && placed[index + 2] !== undefined) {
      const { tokens, last } = pasteChain(placed, index, args, use);
      for (const pasted of tokens) output.push(pasted);
      index = last;
    } else {
      // One by one: an argument of a hundred thousand tokens would not fit the stack as a spread.
      for (const expanded of args.get(token.text)?.expanded ?? [token]) output.push(expanded);
    }
  }
  return output.map((token) => ({ ...token, hidden: union(token.hidden, hidden) }));
}

/** `a ## b ## c` from `start` on, each side an argument as written or a token of the body. */
function pasteChain(
  body: readonly Token[],
  start: number,
  args: ReadonlyMap<string, Argument>,
  use: Token,
): { tokens: Token[]; last: number } {
  const operand = (token: Token | undefined): readonly Token[] =>
    token === undefined ? [] : (args.get(token.text)?.raw ?? [token]);
  let tokens = [...operand(body[start])];
  let index = start;
  while (isPaste(body[index + 1]) && body[index + 2] !== undefined) {
    const right = operand(body[index + 2]);
    if (body[index]?.text === "," && body[index + 2]?.text === "__VA_ARGS__") throw gnuComma(use);
    const left = tokens.at(-1);
    const first = right[0];
    if (left !== undefined && first !== undefined) {
      tokens = [...tokens.slice(0, -1), paste(left, first, use), ...right.slice(1)];
    } else tokens = [...tokens, ...right];
    index += 2;
  }
  return { tokens, last: index };
}

function paste(left: Token, right: Token, use: Token): Token {
  const text = left.text + right.text;
  const { tokens } = lex(sourceFile("", "", text));
  const pasted = tokens[0];
  if (tokens.length !== 2 || pasted === undefined || pasted.kind === "stray") {
    const problem = `## joins '${left.text}' and '${right.text}' to '${text}', which is no token`;
    throw new HeaderError("header-paste", use, problem, "join parts that make one name, number or operator");
  }
  return { ...left, kind: pasted.kind, text };
}

function stringify(tokens: readonly Token[], use: Token): Token {
  const text = tokens
    .map((token, index) => (index > 0 && token.spaceBefore ? " " : "") + escapeQuoted(token))
    .join("");
  return { ...use, kind: "string", text: `"${text}"` };
}

function escapeQuoted(token: Token): string {
  return token.kind === "string" || token.kind === "character"
    ? token.text.replace(/[\\"]/g, "\\$&")
    : token.text;
}

/** A token of a macro's body takes the position of the macro's use; tokens of arguments keep their own. */
function atUse(token: Token, use: Token, macro: Macro): Token {
  const { file, offset, end } = use;
  return { ...token, file, offset, end, startsLine: false, macro: use.macro ?? macro.name };
}

function union(left: ReadonlySet<string> | undefined, right: ReadonlySet<string>): ReadonlySet<string> {
  return left === undefined ? right : new Set([...left, ...right]);
}

function positionToken(token: Token): Token {
  const { line, file } = locate(token);
  return token.text === "__LINE__"
    ? { ...token, kind: "number", text: String(line) }
    : { ...token, kind: "string", text: JSON.stringify(file) };
}

/** Throws for a token that is no C. */
export function refuseStray(tokens: readonly Token[]): void {
  const stray = tokens.find((token) => token.kind === "stray");
  if (stray !== undefined) throw strayError(stray);
}

function isSameMacro(left: Macro, right: Macro): boolean {
  const signature = (macro: Macro): string =>
    JSON.stringify([macro.params, macro.isVariadic, macro.body.map((token) => token.text)]);
  return signature(left) === signature(right);
}

function isPaste(token: Token | undefined): boolean {
  return token?.kind === "punctuator" && token.text === "##";
}

function pushReversed(stack: Token[], tokens: readonly Token[]): void {
  for (let index = tokens.length - 1; index >= 0; index -= 1) stack.push(tokens[index] as Token);
}

function tooLarge(use: Token): HeaderError {
  const problem = `the expansion of macro ${use.macro ?? use.text} grows beyond every use`;
  return new HeaderError("header-macro-size", use, problem, "break the chain of macros that multiply");
}

function gnuComma(use: Token): HeaderError {
  const problem = "', ## __VA_ARGS__' is a GNU extension that compilers disagree on";
  return new HeaderError(
    "header-macro-gnu-comma",
    use,
    problem,
    "give the macro at least one fixed argument",
  );
}
