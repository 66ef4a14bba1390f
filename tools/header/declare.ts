// What a declarator adds to the symbols: a typedef, a function or an object, once or the same again.
import type { ParseContext } from "./context.ts";
import type { Extent } from "./declarations.ts";
import type { Declarator } from "./declarator.ts";
import type { Token } from "./lex.ts";
import type { CType } from "./model.ts";
import { locate } from "./source.ts";
import type { Specifiers } from "./specifiers.ts";

/** Adds what a declarator declares to the symbols. */
export function declare(
  context: ParseContext,
  specifiers: Specifiers,
  declarator: Declarator,
  name: Token,
): void {
  const extent = { first: specifiers.first, last: context.cursor.previous };
  const { type } = declarator;
  if (specifiers.storage === "typedef") {
    declareTypedef(context, name, extent, declarator);
    return;
  }
  if (type.kind === "function") {
    if (specifiers.isInline || specifiers.storage === "static")
      return void context.declarations.inlines.add(name.text);
    unique(context, context.declarations.functions, name, type, (known) => ({
      kind: "function",
      signature: known.signature,
    }));
    context.declarations.functions.set(name.text, {
      name: name.text,
      token: name,
      extent,
      signature: type.signature,
    });
    return;
  }
  if (specifiers.storage !== "extern") {
    const remedy = "write extern in front, and define the object in one source file";
    throw context.cursor.error(
      "header-definition",
      `'${name.text}' is defined, not only declared`,
      remedy,
      name,
    );
  }
  unique(context, context.declarations.variables, name, type, (known) => known.type);
  context.declarations.variables.set(name.text, { name: name.text, token: name, extent, type });
}

function declareTypedef(context: ParseContext, name: Token, extent: Extent, declarator: Declarator): void {
  const { alignas, isPacked } = declarator.attributes;
  if (alignas !== null || isPacked) {
    throw context.cursor.error(
      "header-attribute",
      "a typedef that changes the alignment",
      "put the attribute on the struct",
      name,
    );
  }
  const known = context.declarations.typedefs.get(name.text);
  unique(context, context.declarations.typedefs, name, declarator.type, (earlier) => earlier.type);
  if (known !== undefined) return;
  const { type } = declarator;
  const depth = 1 + context.declarations.typedefDepth(type);
  context.cursor.refuseDepth(depth, name);
  context.declarations.typedefs.set(name.text, { name: name.text, token: name, extent, type, depth });
}

/** Repeating a declaration is fine; a different one is not. */
function unique<Known extends { token: Token }>(
  context: ParseContext,
  map: ReadonlyMap<string, Known>,
  name: Token,
  type: CType,
  typeOf: (known: Known) => CType,
): void {
  const known = map.get(name.text);
  if (known === undefined || shape(typeOf(known)) === shape(type)) return;
  const first = locate(known.token);
  const problem = `'${name.text}' is declared differently in ${first.file}:${first.line}`;
  throw context.cursor.error(
    "header-redeclared",
    problem,
    "make the two declarations equal, or remove one",
    name,
  );
}

/** A type as comparable text; the names of parameters do not count. */
function shape(type: CType): string {
  return JSON.stringify(type, (key, value: unknown) => {
    if (key !== "params" || !Array.isArray(value)) return value;
    return (value as { type: CType }[]).map((param) => param.type);
  });
}
