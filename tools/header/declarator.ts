// Declarators: pointers, arrays, functions and the parentheses that bind them, from the inside out.
import { noAttributes, takeAttribute, type Attributes } from "./attributes.ts";
import type { ParseContext } from "./context.ts";
import { qualified } from "./declarations.ts";
import type { Token } from "./lex.ts";
import type { Convention, CType } from "./model.ts";
import { parseSpecifiers, plainKeyword, startsType } from "./specifiers.ts";

export interface Declarator {
  /** undefined for an abstract declarator. */
  readonly name: Token | undefined;
  readonly type: CType;
  readonly attributes: Attributes;
}

/** What a level of parentheses does to the type around it. */
interface Level {
  readonly name: Token | undefined;
  readonly build: (type: CType) => CType;
  /** A convention that belongs to the function type of the level around this one. */
  readonly pending: { convention: Convention; at: Token } | null;
}

type Suffix =
  | { readonly kind: "array"; readonly length: number | null; readonly at: Token }
  | {
      readonly kind: "function";
      readonly params: readonly { name: string; type: CType }[];
      readonly variadic: boolean;
      readonly at: Token;
    };

/** Reads a declarator on top of `base`. `outer` are the attributes among the specifiers, whose convention counts here. */
export function parseDeclarator(context: ParseContext, base: CType, outer: Attributes): Declarator {
  const attributes: Attributes = {
    ...noAttributes(),
    convention: outer.convention,
    conventionAt: outer.conventionAt,
  };
  const level = readLevel(context, attributes);
  takeTrailing(context, attributes);
  if (level.pending !== null) {
    throw context.cursor.error(
      "header-convention",
      "a calling convention on something that is no function",
      "remove it",
      level.pending.at,
    );
  }
  return { name: level.name, type: level.build(base), attributes };
}

/** Reads a type name such as `const char *(*)[3]`. */
export function parseTypeName(context: ParseContext): CType {
  const { cursor } = context;
  const { type, attributes } = parseSpecifiers(context);
  const at = cursor.peek();
  const declarator = parseDeclarator(context, type, attributes);
  if (declarator.name !== undefined)
    throw cursor.error("header-syntax", "a name inside a type name", "remove the name", at);
  return declarator.type;
}

function readLevel(context: ParseContext, attributes: Attributes): Level {
  return context.cursor.nested(() => {
    const { cursor } = context;
    takeTrailing(context, attributes);
    const pointers = readPointers(context, attributes);
    let inner: Level = { name: undefined, build: (type) => type, pending: null };
    if (startsGroup(context)) {
      cursor.take();
      inner = readLevel(context, noAttributes());
      cursor.expect(")", "behind the declarator");
    } else if (cursor.peek().kind === "identifier") inner = { ...inner, name: cursor.take() };
    const suffixes = readSuffixes(context);
    const own = conventionOf(attributes) ?? inner.pending;
    const isFunction = suffixes.some((suffix) => suffix.kind === "function");
    const convention = isFunction ? (own?.convention ?? "default") : "default";
    const build = (type: CType): CType =>
      inner.build(applySuffixes(context, pointers(type), suffixes, convention));
    return { name: inner.name, build, pending: isFunction ? null : own };
  });
}

function conventionOf(attributes: Attributes): Level["pending"] {
  const { convention, conventionAt } = attributes;
  return convention === null || conventionAt === null ? null : { convention, at: conventionAt };
}

function readPointers(context: ParseContext, attributes: Attributes): (type: CType) => CType {
  const { cursor } = context;
  const layers: { const?: true; volatile?: true }[] = [];
  while (cursor.accept("*")) {
    let qualifiers: { const?: true; volatile?: true } = {};
    for (;;) {
      const word = plainKeyword(cursor.peek().text);
      if (cursor.peek().kind === "identifier" && (word === "const" || word === "volatile"))
        qualifiers = { ...qualifiers, [word]: true };
      else if (
        cursor.peek().kind !== "identifier" ||
        (word !== "restrict" && word !== "_Nonnull" && word !== "_Nullable")
      ) {
        if (!takeAttribute(cursor, attributes, () => context.integer("an alignment"))) break;
        continue;
      }
      cursor.take();
    }
    layers.push(qualifiers);
    cursor.refuseDepth(layers.length, cursor.previous);
  }
  return (type) =>
    layers.reduce<CType>((to, qualifiers) => qualified({ kind: "pointer", to }, qualifiers), type);
}

/** Whether `(` opens a declarator in parentheses rather than the parameters of an unnamed function. */
function startsGroup(context: ParseContext): boolean {
  const { cursor } = context;
  if (!cursor.is("(")) return false;
  const next = cursor.peek(1);
  if (next.kind === "punctuator") return ["*", "(", "["].includes(next.text);
  if (next.kind !== "identifier") return false;
  cursor.index += 1;
  const isType = startsType(context);
  cursor.index -= 1;
  return !isType;
}

function readSuffixes(context: ParseContext): Suffix[] {
  const { cursor } = context;
  const suffixes: Suffix[] = [];
  for (;;) {
    const at = cursor.peek();
    cursor.refuseDepth(suffixes.length, at);
    if (cursor.is("[") && cursor.peek(1).text !== "[")
      suffixes.push({ kind: "array", length: readLength(context), at });
    else if (cursor.is("(")) suffixes.push({ kind: "function", ...readParameters(context), at });
    else return suffixes;
  }
}

function readLength(context: ParseContext): number | null {
  const { cursor } = context;
  cursor.take();
  // `[static 3]` and `[restrict]` of parameters promise something to the callee; the type stays a pointer.
  while (cursor.is("static", "const", "restrict", "__restrict", "volatile")) cursor.take();
  if (cursor.accept("]")) return null;
  const length = context.integer("the length of the array");
  cursor.expect("]", "behind the length");
  return length;
}

function readParameters(context: ParseContext): {
  params: { name: string; type: CType }[];
  variadic: boolean;
} {
  const { cursor } = context;
  cursor.take();
  if (cursor.accept(")")) return { params: [], variadic: false };
  if (cursor.is("void") && cursor.peek(1).text === ")") {
    cursor.take();
    cursor.take();
    return { params: [], variadic: false };
  }
  const params: { name: string; type: CType }[] = [];
  do {
    if (cursor.accept("...")) {
      cursor.expect(")", "behind ...");
      return { params, variadic: true };
    }
    params.push(readParameter(context));
  } while (cursor.accept(","));
  cursor.expect(")", "behind the parameters");
  return { params, variadic: false };
}

function readParameter(context: ParseContext): { name: string; type: CType } {
  const at = context.cursor.peek();
  const { type, attributes } = parseSpecifiers(context);
  const declarator = parseDeclarator(context, type, attributes);
  const resolved = context.declarations.resolve(declarator.type);
  if (resolved.kind === "void") {
    throw context.cursor.error(
      "header-type",
      "a parameter of type void",
      "write (void) for no parameters",
      at,
    );
  }
  return { name: declarator.name?.text ?? "", type: decayed(declarator.type, resolved) };
}

/** Arrays and functions as parameters are pointers. */
function decayed(type: CType, resolved: CType): CType {
  if (resolved.kind === "array") return { kind: "pointer", to: resolved.of };
  return resolved.kind === "function" ? { kind: "pointer", to: type } : type;
}

function applySuffixes(
  context: ParseContext,
  type: CType,
  suffixes: readonly Suffix[],
  convention: Convention,
): CType {
  return suffixes.reduceRight<CType>((inner, suffix) => {
    const { kind } = context.declarations.resolve(inner);
    if (suffix.kind === "array") {
      if (kind === "function" || kind === "void") throw badType(context, suffix.at, `an array of ${kind}`);
      return { kind: "array", of: inner, length: suffix.length };
    }
    if (kind === "function" || kind === "array")
      throw badType(context, suffix.at, `a function that returns a ${kind}`);
    const { params, variadic } = suffix;
    return { kind: "function", signature: { convention, returns: inner, params, variadic } };
  }, type);
}

function badType(context: ParseContext, at: Token, what: string): Error {
  return context.cursor.error("header-type", what, "use a pointer to it", at);
}

function takeTrailing(context: ParseContext, attributes: Attributes): void {
  const { cursor } = context;
  while (takeAttribute(cursor, attributes, () => context.integer("an alignment")));
  if (cursor.is("__asm__", "asm", "__asm")) {
    throw cursor.error(
      "header-asm",
      "an assembler name differs from the name in the header",
      "export the function under its own name",
    );
  }
}
