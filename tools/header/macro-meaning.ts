// What an object-like macro means: a constant, an alias, an annotation; a body that is none of these is an error.
import { isAnnotation } from "./annotation.ts";
import { fixedWidthName, type Value } from "./constant.ts";
import { evaluate, notConstant, parseExpression } from "./expression.ts";
import type { Token } from "./lex.ts";
import { refuseStray, type Macro, type MacroTable } from "./macro.ts";
import type { AbiClass, ConstantValue, CType, MacroModel } from "./model.ts";
import type { ParsedUnit } from "./parse.ts";
import { HeaderError } from "./source.ts";

export type MacroMeaning =
  { readonly kind: "constant"; readonly value: Value } | { readonly kind: MacroModel["kind"] };

export function macroMeaning(macro: Macro, macros: MacroTable, parsed: ParsedUnit): MacroMeaning {
  if (macro.params !== null) return { kind: "function" };
  const expanded = macros.expand(macro.body);
  if (expanded.length === 0) return { kind: "marker" };
  refuseStray(expanded);
  const last = macro.body.at(-1) ?? macro.nameToken;
  const end: Token = { ...last, kind: "end", text: "", offset: last.end };
  const tokens = [...expanded, end];
  if (isAnnotation(parsed.contextFor(tokens))) return { kind: "annotation" };
  if (parsed.declarations.enumerators.has(macro.name)) return { kind: "alias" };
  const only = expanded.length === 1 ? expanded[0] : undefined;
  if (only?.kind === "identifier" && isFunctionOrObject(only.text, macros, parsed)) return { kind: "alias" };
  return isFragment(expanded) ? { kind: "fragment" } : expressionMeaning(macro, tokens, parsed);
}

/** `{ 1, 2 }`, `do { … } while (0)`, `1.9.4`: pieces of code that headers are known to give a name. */
function isFragment(tokens: readonly Token[]): boolean {
  const first = tokens[0]?.text ?? "";
  const last = tokens.at(-1)?.text ?? "";
  if (first === "{" && last === "}") return true;
  if (first === "do" && tokens[1]?.text === "{") return true;
  return /^\d+(\.\d+){2,}$/.test(tokens.map(({ text }) => text).join(""));
}

function isFunctionOrObject(name: string, macros: MacroTable, parsed: ParsedUnit): boolean {
  const { functions, variables, inlines } = parsed.declarations;
  return functions.has(name) || variables.has(name) || inlines.has(name) || macros.get(name)?.params != null;
}

function expressionMeaning(macro: Macro, tokens: readonly Token[], parsed: ParsedUnit): MacroMeaning {
  const context = parsed.contextFor(tokens);
  try {
    const expression = parseExpression(context.cursor, context.scope);
    if (!context.cursor.isAtEnd) throw context.cursor.unexpected("the end of the macro's value");
    return { kind: "constant", value: evaluate(expression, context.scope) };
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error;
    const isUnknownName = tokens.length === 2 && tokens[0]?.kind === "identifier";
    if (error.code === notConstant && !isUnknownName) return { kind: "expression" };
    if (error.code === "header-arithmetic") throw error;
    const remedy = "give it a constant value, or make it a function";
    throw new HeaderError(
      "header-macro",
      macro.nameToken,
      `the value of macro ${macro.name} is not understood: ${error.problem}`,
      remedy,
    );
  }
}

/** A value as the model publishes it. `finalType` gives types their final names. */
export function constantValue(
  value: Value,
  abiClass: AbiClass,
  finalType: (type: CType) => CType,
): ConstantValue {
  switch (value.kind) {
    case "integer":
      return { kind: "integer", type: fixedWidthName(value.type, abiClass), value: String(value.value) };
    case "float":
      return { kind: "float", type: value.type, text: String(value.value) };
    case "string":
      return { kind: "string", value: value.value };
    case "pointer":
      return { kind: "pointer", type: finalType(value.type), value: String(value.value) };
  }
}
