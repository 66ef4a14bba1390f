// Expressions: parsed to a tree, then evaluated with C's types; what is no constant is told apart from what is no C.
import {
  ArithmeticError,
  applyBinary,
  applyUnary,
  commonType,
  convertFloat,
  convertInteger,
  isTruthy,
  promote,
  type Value,
} from "./constant.ts";
import type { Cursor } from "./cursor.ts";
import type { Token } from "./lex.ts";
import { characterValue, numberValue, stringValue } from "./literal.ts";
import type { AbiClass, CType } from "./model.ts";
import { HeaderError } from "./source.ts";

export type Expression = { readonly token: Token } & (
  | { readonly kind: "number" | "character" | "name" }
  | { readonly kind: "string"; readonly parts: readonly string[] }
  | { readonly kind: "unary"; readonly operand: Expression }
  | { readonly kind: "binary"; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: "conditional";
      readonly test: Expression;
      readonly yes: Expression;
      readonly no: Expression;
    }
  | { readonly kind: "cast"; readonly type: CType; readonly operand: Expression }
  | { readonly kind: "sizeof" | "alignof"; readonly of: CType | Expression }
  /** Valid C that is never a constant: calls, members, elements, addresses. */
  | { readonly kind: "other"; readonly operands: readonly Expression[] }
);

/** What the surroundings of an expression know. */
export interface Scope {
  readonly abiClass: AbiClass;
  /** In #if: 64-bit integers, no types, and unknown names are 0. */
  readonly isCondition: boolean;
  /** The value of an enumerator or constant object. */
  constant(name: string): Value | undefined;
  /** Takes a type name in parentheses or undefined if the cursor does not stand at one. */
  typeName(cursor: Cursor): CType | undefined;
  /** The type behind typedefs. */
  resolve(type: CType): CType;
  sizeOf(type: CType, at: Token): number;
  alignOf(type: CType, at: Token): number;
}

/** Codes of errors that mean: valid C, but not a constant. */
export const notConstant = "header-not-constant";

const precedences: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** Parses a conditional expression: everything but assignments and commas. */
export function parseExpression(cursor: Cursor, scope: Scope): Expression {
  return cursor.nested(() => {
    const test = parseBinary(cursor, scope, 0);
    if (!cursor.is("?")) return test;
    const token = cursor.take();
    const yes = parseExpression(cursor, scope);
    cursor.expect(":", "of the conditional expression");
    return { kind: "conditional", token, test, yes, no: parseExpression(cursor, scope) };
  });
}

function parseBinary(cursor: Cursor, scope: Scope, level: number): Expression {
  const operators = precedences[level];
  if (operators === undefined) return parseUnary(cursor, scope);
  let left = parseBinary(cursor, scope, level + 1);
  for (let length = 1; cursor.is(...operators); length += 1) {
    cursor.refuseChain(length);
    const token = cursor.take();
    left = { kind: "binary", token, left, right: parseBinary(cursor, scope, level + 1) };
  }
  return left;
}

function parseUnary(cursor: Cursor, scope: Scope): Expression {
  return cursor.nested(() => {
    const token = cursor.peek();
    if (cursor.is("+", "-", "!", "~")) {
      cursor.take();
      return { kind: "unary", token, operand: parseUnary(cursor, scope) };
    }
    if (!scope.isCondition && cursor.is("&", "*")) {
      cursor.take();
      return { kind: "other", token, operands: [parseUnary(cursor, scope)] };
    }
    if (!scope.isCondition && cursor.is("sizeof", "_Alignof", "__alignof__"))
      return parseSizeof(cursor, scope);
    return parseCast(cursor, scope) ?? parsePostfix(cursor, scope);
  });
}

function parseSizeof(cursor: Cursor, scope: Scope): Expression {
  const token = cursor.take();
  const type = scope.typeName(cursor);
  const kind = token.text === "sizeof" ? "sizeof" : "alignof";
  return { kind, token, of: type ?? parseUnary(cursor, scope) };
}

function parseCast(cursor: Cursor, scope: Scope): Expression | undefined {
  const token = cursor.peek();
  const type = scope.isCondition ? undefined : scope.typeName(cursor);
  if (type === undefined) return undefined;
  if (cursor.is("{"))
    throw cursor.unexpected("an expression behind the cast; compound literals are not read");
  return { kind: "cast", token, type, operand: parseUnary(cursor, scope) };
}

function parsePostfix(cursor: Cursor, scope: Scope): Expression {
  let expression = parsePrimary(cursor, scope);
  while (!scope.isCondition && cursor.is("(", "[", ".", "->")) {
    const token = cursor.take();
    if (token.text === "(")
      expression = { kind: "other", token, operands: [expression, ...parseArguments(cursor, scope)] };
    else if (token.text === "[") {
      const index = parseExpression(cursor, scope);
      cursor.expect("]", "behind the index");
      expression = { kind: "other", token, operands: [expression, index] };
    } else {
      cursor.expectIdentifier("the name of a member");
      expression = { kind: "other", token, operands: [expression] };
    }
  }
  return expression;
}

function parseArguments(cursor: Cursor, scope: Scope): Expression[] {
  const operands: Expression[] = [];
  if (cursor.accept(")")) return operands;
  do operands.push(parseExpression(cursor, scope));
  while (cursor.accept(","));
  cursor.expect(")", "behind the arguments");
  return operands;
}

function parsePrimary(cursor: Cursor, scope: Scope): Expression {
  const token = cursor.peek();
  switch (token.kind) {
    case "number":
    case "character":
      cursor.take();
      return { kind: token.kind, token };
    case "identifier":
      cursor.take();
      return { kind: "name", token };
    case "string":
      return { kind: "string", token, parts: takeStrings(cursor) };
    default:
      break;
  }
  if (!cursor.accept("(")) throw cursor.unexpected("an expression");
  const inner = parseExpression(cursor, scope);
  cursor.expect(")", "behind the expression");
  return inner;
}

function takeStrings(cursor: Cursor): string[] {
  const parts: string[] = [];
  while (cursor.peek().kind === "string") parts.push(cursor.take().text);
  return parts;
}

/** The value of a constant expression; a HeaderError with code `notConstant` for valid C that has none. */
export function evaluate(expression: Expression, scope: Scope): Value {
  try {
    return compute(expression, scope);
  } catch (error) {
    if (!(error instanceof ArithmeticError)) throw error;
    const remedy = "write a constant that has one value on every target";
    throw new HeaderError("header-arithmetic", expression.token, error.message, remedy);
  }
}

function compute(expression: Expression, scope: Scope): Value {
  const { token } = expression;
  switch (expression.kind) {
    case "number":
      return numberValue(token.text, scope.abiClass, scope.isCondition);
    case "character":
      return widened(characterValue(token.text), scope);
    case "string":
      return stringValue(expression.parts);
    case "name":
      return nameValue(token, scope);
    case "unary":
      return widened(applyUnary(token.text, evaluate(expression.operand, scope), scope.abiClass), scope);
    case "binary":
      return widened(binaryValue(expression, scope), scope);
    case "conditional":
      return conditionalValue(expression, scope);
    case "cast":
      return castValue(evaluate(expression.operand, scope), expression.type, scope, token);
    case "sizeof":
    case "alignof":
      return { kind: "integer", type: "size_t", value: BigInt(measured(expression, scope)) };
    case "other":
      throw new HeaderError(
        notConstant,
        token,
        "this is not a constant",
        "use an integer, float or string constant",
      );
  }
}

/** In #if every value is 64 bits wide, also the int results of comparisons and logical operators. */
function widened(value: Value, scope: Scope): Value {
  return scope.isCondition && value.kind === "integer" && value.type === "int"
    ? { ...value, type: "long long" }
    : value;
}

function nameValue(token: Token, scope: Scope): Value {
  const known = scope.constant(token.text);
  if (known !== undefined) return known;
  if (scope.isCondition) return { kind: "integer", type: "long long", value: 0n };
  throw new HeaderError(notConstant, token, `'${token.text}' is not a constant`, "define it before its use");
}

function binaryValue(expression: Extract<Expression, { kind: "binary" }>, scope: Scope): Value {
  const operator = expression.token.text;
  const left = evaluate(expression.left, scope);
  // The right side of a decided && or || is not evaluated, so 0 && 1/0 is fine.
  if (operator === "&&" || operator === "||") {
    const isDecided = isTruthy(left) === (operator === "||");
    const result = isDecided ? operator === "||" : isTruthy(evaluate(expression.right, scope));
    return { kind: "integer", type: "int", value: result ? 1n : 0n };
  }
  return applyBinary(operator, left, evaluate(expression.right, scope), scope.abiClass);
}

/** The branch not taken is not computed, but where possible its type takes part: 1 ? -1 : 0U is unsigned. */
function conditionalValue(expression: Extract<Expression, { kind: "conditional" }>, scope: Scope): Value {
  const isYes = isTruthy(evaluate(expression.test, scope));
  const taken = evaluate(isYes ? expression.yes : expression.no, scope);
  const other = attempt(isYes ? expression.no : expression.yes, scope);
  if (taken.kind === "integer" && other?.kind === "integer") {
    return convertInteger(taken.value, commonType(taken.type, other.type, scope.abiClass), scope.abiClass);
  }
  if (taken.kind === "integer" && other?.kind === "float")
    return convertFloat(Number(taken.value), other.type);
  if (taken.kind === "integer")
    return convertInteger(taken.value, promote(taken.type, scope.abiClass), scope.abiClass);
  return taken;
}

function attempt(expression: Expression, scope: Scope): Value | undefined {
  try {
    return evaluate(expression, scope);
  } catch (error) {
    if (error instanceof HeaderError) return undefined;
    throw error;
  }
}

function castValue(value: Value, type: CType, scope: Scope, at: Token): Value {
  const target = scope.resolve(type);
  if (target.kind === "pointer" && value.kind !== "float" && value.kind !== "string") {
    return { kind: "pointer", type, value: value.value };
  }
  if (value.kind === "integer" || value.kind === "float") {
    if (target.kind === "integer" || target.kind === "enum") {
      const name = target.kind === "enum" ? "int" : target.name;
      if (value.kind === "integer") return convertInteger(value.value, name, scope.abiClass);
      return convertInteger(BigInt(Math.trunc(value.value)), name, scope.abiClass);
    }
    if (target.kind === "float" && target.name !== "long double")
      return convertFloat(Number(value.value), target.name);
  }
  throw new HeaderError(
    notConstant,
    at,
    "this cast has no constant value",
    "cast an integer constant to an integer or pointer",
  );
}

function measured(expression: Extract<Expression, { kind: "sizeof" | "alignof" }>, scope: Scope): number {
  const { of, token } = expression;
  const type = "token" in of ? valueType(evaluate(of, scope)) : of;
  return expression.kind === "sizeof" ? scope.sizeOf(type, token) : scope.alignOf(type, token);
}

function valueType(value: Value): CType {
  switch (value.kind) {
    case "integer":
      return { kind: "integer", name: value.type };
    case "float":
      return { kind: "float", name: value.type };
    case "pointer":
      return value.type;
    case "string": {
      const length = new TextEncoder().encode(value.value).length + 1;
      return { kind: "array", of: { kind: "integer", name: "char" }, length };
    }
  }
}
