// Attributes, __declspec and calling conventions: what changes layout or calls is read, what does not is known by name, the rest refused.
import type { Cursor } from "./cursor.ts";
import type { Token } from "./lex.ts";
import type { Convention } from "./model.ts";

export interface Attributes {
  isPacked: boolean;
  /** Alignment asked for, in bytes. */
  alignas: number | null;
  convention: Convention | null;
  /** Where the convention was written. */
  conventionAt: Token | null;
}

export function noAttributes(): Attributes {
  return { isPacked: false, alignas: null, convention: null, conventionAt: null };
}

/** Attributes that change neither layout nor calls. */
const harmless = new Set([
  ...[
    "visibility",
    "deprecated",
    "unavailable",
    "unused",
    "used",
    "nonnull",
    "returns_nonnull",
    "warn_unused_result",
  ],
  ...[
    "noreturn",
    "format",
    "format_arg",
    "malloc",
    "pure",
    "const",
    "cold",
    "hot",
    "nothrow",
    "always_inline",
  ],
  ...["noinline", "sentinel", "alloc_size", "alloc_align", "assume_aligned", "leaf", "access", "nodiscard"],
  ...[
    "maybe_unused",
    "fallthrough",
    "dllimport",
    "dllexport",
    "restrict",
    "noalias",
    "selectany",
    "allocator",
  ],
  ...["gnu_inline", "artificial", "no_instrument_function", "swift_name", "enum_extensibility", "flag_enum"],
]);

const conventions: Readonly<Record<string, Convention>> = {
  cdecl: "cdecl",
  stdcall: "stdcall",
  fastcall: "fastcall",
  vectorcall: "vectorcall",
  thiscall: "thiscall",
};

/** Takes one attribute or calling convention, if the cursor stands at one. `integer` reads a constant expression. */
export function takeAttribute(cursor: Cursor, into: Attributes, integer: () => number): boolean {
  if (cursor.is("__attribute__", "__attribute")) {
    cursor.take();
    cursor.expect("(", "behind __attribute__");
    cursor.expect("(", "behind __attribute__(");
    takeList(cursor, into, integer, ")");
    cursor.expect(")", "behind the attributes");
    cursor.expect(")", "behind the attributes");
    return true;
  }
  if (cursor.is("__declspec", "_declspec")) {
    cursor.take();
    cursor.expect("(", "behind __declspec");
    takeList(cursor, into, integer, ")");
    cursor.expect(")", "behind __declspec");
    return true;
  }
  if (cursor.is("[") && cursor.peek(1).text === "[") {
    cursor.take();
    cursor.take();
    takeList(cursor, into, integer, "]");
    cursor.expect("]", "behind the attributes");
    cursor.expect("]", "behind the attributes");
    return true;
  }
  return takeConvention(cursor, into);
}

function takeConvention(cursor: Cursor, into: Attributes): boolean {
  const match = /^__?([a-z]+)$/.exec(cursor.peek().text);
  const convention = conventions[match?.[1] ?? ""];
  if (convention === undefined || cursor.peek().kind !== "identifier") return false;
  setConvention(cursor, into, convention, cursor.take());
  return true;
}

function setConvention(cursor: Cursor, into: Attributes, convention: Convention, at: Token): void {
  if (into.convention !== null && into.convention !== convention) {
    throw cursor.error("header-convention", "two calling conventions", "keep one of them", at);
  }
  into.convention = convention;
  into.conventionAt = at;
}

function takeList(cursor: Cursor, into: Attributes, integer: () => number, close: string): void {
  while (!cursor.is(close)) {
    if (cursor.accept(",")) continue;
    takeOne(cursor, into, integer);
  }
}

function takeOne(cursor: Cursor, into: Attributes, integer: () => number): void {
  let token = cursor.expectIdentifier("the name of an attribute");
  while (cursor.accept("::")) token = cursor.expectIdentifier("the name of an attribute");
  const name = token.text.replace(/^__(.*)__$/, "$1");
  if (harmless.has(name)) {
    skipArguments(cursor);
    return;
  }
  if (name === "packed") into.isPacked = true;
  else if (name === "aligned" || name === "align")
    into.alignas = Math.max(into.alignas ?? 0, takeAlignment(cursor, token, integer));
  else if (conventions[name] !== undefined) setConvention(cursor, into, conventions[name], token);
  else {
    const remedy =
      "if it changes neither layout nor calls, add it to the list in tools/header/attributes.ts; else do without it";
    throw cursor.error("header-attribute", `the attribute '${name}' is not known`, remedy, token);
  }
}

function takeAlignment(cursor: Cursor, token: Token, integer: () => number): number {
  if (!cursor.accept("(")) {
    throw cursor.error(
      "header-attribute",
      `${token.text} without a number differs between targets`,
      "write aligned(n)",
      token,
    );
  }
  const alignment = integer();
  cursor.expect(")", "behind the alignment");
  return checkAlignment(cursor, token, alignment);
}

/** Alignments are powers of two; above 4096 no linker promises them. */
export function checkAlignment(cursor: Cursor, at: Token, alignment: number): number {
  if (alignment >= 1 && alignment <= 4096 && (alignment & (alignment - 1)) === 0) return alignment;
  throw cursor.error("header-alignment", `${alignment} is no alignment`, "use a power of two up to 4096", at);
}

function skipArguments(cursor: Cursor): void {
  if (!cursor.is("(")) return;
  let depth = 0;
  do {
    if (cursor.isAtEnd) throw cursor.unexpected("')' behind the attribute's arguments");
    const token = cursor.take();
    if (token.kind === "punctuator" && token.text === "(") depth += 1;
    if (token.kind === "punctuator" && token.text === ")") depth -= 1;
  } while (depth > 0);
}
