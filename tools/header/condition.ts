// The condition of #if and #elif.
import { isTruthy } from "./constant.ts";
import { Cursor } from "./cursor.ts";
import { evaluate, parseExpression, type Scope } from "./expression.ts";
import type { Token } from "./lex.ts";
import type { MacroTable } from "./macro.ts";
import { HeaderError } from "./source.ts";

/** Whether the condition `tokens` of `directive` holds. */
export function evaluateCondition(directive: Token, tokens: readonly Token[], macros: MacroTable): boolean {
  if (tokens.length === 0) {
    throw new HeaderError(
      "header-condition",
      directive,
      `#${directive.text} without a condition`,
      "write an expression behind it",
    );
  }
  const expanded = macros.expand(resolveDefined(tokens, macros));
  const last = tokens.at(-1) as Token;
  const end: Token = { ...last, kind: "end", text: "", offset: last.end };
  const cursor = new Cursor([...expanded, end]);
  const expression = parseExpression(cursor, conditionScope);
  if (!cursor.isAtEnd) throw cursor.unexpected("the end of the condition");
  return isTruthy(evaluate(expression, conditionScope));
}

// Class-independent, since integers of #if have 64 bits everywhere.
const conditionScope: Scope = {
  abiClass: "p8a8",
  isCondition: true,
  constant: () => undefined,
  typeName: () => undefined,
  resolve: (type) => type,
  sizeOf: () => 0,
  alignOf: () => 0,
};

/** Replaces `defined X` and `defined(X)` by 1 or 0, before X could be expanded away. */
function resolveDefined(tokens: readonly Token[], macros: MacroTable): Token[] {
  const output: Token[] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] as Token;
    if (token.kind !== "identifier" || token.text !== "defined") {
      output.push(token);
      continue;
    }
    const hasParentheses = tokens[index + 1]?.text === "(";
    const name = tokens[index + (hasParentheses ? 2 : 1)];
    if (name?.kind !== "identifier" || (hasParentheses && tokens[index + 3]?.text !== ")")) {
      throw new HeaderError(
        "header-condition",
        token,
        "defined needs the name of a macro",
        "write defined(NAME)",
      );
    }
    output.push({ ...token, kind: "number", text: macros.get(name.text) === undefined ? "0" : "1" });
    index += hasParentheses ? 3 : 1;
  }
  return output;
}
