// C arithmetic on typed constants: promotions, conversions, wrap-around of unsigned types, per ABI class.
import type { AbiClass, CType, FloatName, IntegerName } from "./model.ts";

export type Value =
  | { readonly kind: "integer"; readonly type: IntegerName; readonly value: bigint }
  | { readonly kind: "float"; readonly type: FloatName; readonly value: number }
  /** `bytes` as UTF-16 units of the text; the terminating zero is not among them. */
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "pointer"; readonly type: CType; readonly value: bigint };

/** Why a constant cannot be computed; the caller adds the position. */
export class ArithmeticError extends Error {}

interface IntegerFacts {
  readonly bits: number;
  readonly isSigned: boolean;
  /** Conversion rank of C11 6.3.1.1. */
  readonly rank: number;
}

/** Size, signedness and rank. `long` has pointer size: LP64 and ILP32, not the LLP64 of 64-bit Windows. */
export function integerFacts(name: IntegerName, abiClass: AbiClass): IntegerFacts {
  const word = pointerSize(abiClass) * 8;
  switch (name) {
    case "_Bool":
      return { bits: 8, isSigned: false, rank: 0 };
    case "char":
    case "signed char":
    case "int8_t":
      return { bits: 8, isSigned: true, rank: 1 };
    case "unsigned char":
    case "uint8_t":
      return { bits: 8, isSigned: false, rank: 1 };
    case "short":
    case "int16_t":
      return { bits: 16, isSigned: true, rank: 2 };
    case "unsigned short":
    case "uint16_t":
      return { bits: 16, isSigned: false, rank: 2 };
    case "int":
    case "int32_t":
    case "wchar_t":
      return { bits: 32, isSigned: true, rank: 3 };
    case "unsigned int":
    case "uint32_t":
      return { bits: 32, isSigned: false, rank: 3 };
    case "long":
      return { bits: word, isSigned: true, rank: 4 };
    case "unsigned long":
      return { bits: word, isSigned: false, rank: 4 };
    case "ssize_t":
    case "ptrdiff_t":
    case "intptr_t":
      return { bits: word, isSigned: true, rank: word === 64 ? 4 : 3 };
    case "size_t":
    case "uintptr_t":
      return { bits: word, isSigned: false, rank: word === 64 ? 4 : 3 };
    case "long long":
    case "int64_t":
      return { bits: 64, isSigned: true, rank: 5 };
    case "unsigned long long":
    case "uint64_t":
      return { bits: 64, isSigned: false, rank: 5 };
  }
}

export function pointerSize(abiClass: AbiClass): 4 | 8 {
  return abiClass === "p8a8" ? 8 : 4;
}

/** Converts to an integer type as C does: modulo 2^bits, and _Bool by comparison with zero. */
export function convertInteger(value: bigint, type: IntegerName, abiClass: AbiClass): Value {
  if (type === "_Bool") return { kind: "integer", type, value: value === 0n ? 0n : 1n };
  if (type === "char" && (value < 0n || value > 127n)) {
    throw new ArithmeticError(
      `(char)${value} differs between targets, since char is signed on some and unsigned on others`,
    );
  }
  const { bits, isSigned } = integerFacts(type, abiClass);
  return {
    kind: "integer",
    type,
    value: isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value),
  };
}

export function convertFloat(value: number, type: FloatName): Value {
  return { kind: "float", type, value: type === "float" ? Math.fround(value) : value };
}

/** The name of the fixed-width type with the size and sign of `type`. */
export function fixedWidthName(type: IntegerName, abiClass: AbiClass): IntegerName {
  if (type === "_Bool") return type;
  const { bits, isSigned } = integerFacts(type, abiClass);
  return `${isSigned ? "int" : "uint"}${bits}_t` as IntegerName;
}

export function isTruthy(value: Value): boolean {
  if (value.kind === "string") return true;
  return value.kind === "float" ? value.value !== 0 : value.value !== 0n;
}

export function applyUnary(operator: string, operand: Value, abiClass: AbiClass): Value {
  if (operator === "!") return truth(!isTruthy(operand));
  if (operand.kind === "float" && operator !== "~") {
    return convertFloat(operator === "-" ? -operand.value : operand.value, operand.type);
  }
  if (operand.kind !== "integer")
    throw new ArithmeticError(`unary ${operator} does not apply to a ${operand.kind}`);
  const type = promote(operand.type, abiClass);
  if (operator === "~") return convertInteger(~operand.value, type, abiClass);
  return checked(operator === "-" ? -operand.value : operand.value, type, abiClass);
}

export function applyBinary(operator: string, left: Value, right: Value, abiClass: AbiClass): Value {
  if (left.kind === "integer" && right.kind === "integer")
    return integerBinary(operator, left, right, abiClass);
  if (isArithmetic(left) && isArithmetic(right)) return floatBinary(operator, left, right);
  throw new ArithmeticError(`${operator} does not apply to a ${left.kind} and a ${right.kind}`);
}

/** The type to which C converts both operands of an arithmetic operator. */
export function commonType(left: IntegerName, right: IntegerName, abiClass: AbiClass): IntegerName {
  const first = promote(left, abiClass);
  const second = promote(right, abiClass);
  const a = integerFacts(first, abiClass);
  const b = integerFacts(second, abiClass);
  if (a.isSigned === b.isSigned) return a.rank >= b.rank ? first : second;
  const [signed, signedFacts, unsigned, unsignedFacts] = a.isSigned
    ? [first, a, second, b]
    : [second, b, first, a];
  if (unsignedFacts.rank >= signedFacts.rank) return unsigned;
  if (signedFacts.bits > unsignedFacts.bits) return signed;
  return unsignedOf(signed);
}

/** Types smaller than int become int; wider ones take the name of the standard type of their rank. */
export function promote(type: IntegerName, abiClass: AbiClass): IntegerName {
  const { rank, isSigned } = integerFacts(type, abiClass);
  if (rank < 3) return "int";
  const names: readonly [IntegerName, IntegerName][] = [
    ["int", "unsigned int"],
    ["long", "unsigned long"],
    ["long long", "unsigned long long"],
  ];
  const [signed, unsigned] = names[rank - 3] as [IntegerName, IntegerName];
  return isSigned ? signed : unsigned;
}

function unsignedOf(type: IntegerName): IntegerName {
  return type === "long" ? "unsigned long" : type === "long long" ? "unsigned long long" : "unsigned int";
}

type IntegerValue = Extract<Value, { kind: "integer" }>;
type ArithmeticValue = Extract<Value, { kind: "integer" | "float" }>;

function isArithmetic(value: Value): value is ArithmeticValue {
  return value.kind === "integer" || value.kind === "float";
}

function integerBinary(operator: string, left: IntegerValue, right: IntegerValue, abiClass: AbiClass): Value {
  if (operator === "<<" || operator === ">>") return shift(operator, left, right, abiClass);
  const type = commonType(left.type, right.type, abiClass);
  const a = wrap(left.value, type, abiClass);
  const b = wrap(right.value, type, abiClass);
  switch (operator) {
    case "+":
      return checked(a + b, type, abiClass);
    case "-":
      return checked(a - b, type, abiClass);
    case "*":
      return checked(a * b, type, abiClass);
    case "/":
    case "%":
      if (b === 0n) throw new ArithmeticError("division by zero");
      // C and BigInt both truncate towards zero.
      return checked(operator === "/" ? a / b : a % b, type, abiClass);
    case "&":
      return convertInteger(a & b, type, abiClass);
    case "|":
      return convertInteger(a | b, type, abiClass);
    case "^":
      return convertInteger(a ^ b, type, abiClass);
    default:
      return compare(operator, a, b);
  }
}

function shift(operator: string, left: IntegerValue, right: IntegerValue, abiClass: AbiClass): Value {
  const type = promote(left.type, abiClass);
  const { bits } = integerFacts(type, abiClass);
  if (right.value < 0n || right.value >= BigInt(bits)) {
    throw new ArithmeticError(`shift by ${right.value}, but the type ${type} has ${bits} bits`);
  }
  // 1 << 31 overflows by the letter; every compiler gives the wrapped value, and headers rely on it.
  return convertInteger(
    operator === "<<" ? left.value << right.value : left.value >> right.value,
    type,
    abiClass,
  );
}

function floatBinary(operator: string, left: ArithmeticValue, right: ArithmeticValue): Value {
  const type = [left, right].some((value) => value.kind === "float" && value.type !== "float")
    ? "double"
    : "float";
  const a = Number(left.value);
  const b = Number(right.value);
  switch (operator) {
    case "+":
      return convertFloat(a + b, type);
    case "-":
      return convertFloat(a - b, type);
    case "*":
      return convertFloat(a * b, type);
    case "/":
      return convertFloat(a / b, type);
    default:
      return compare(operator, a, b);
  }
}

function compare<Operand extends bigint | number>(operator: string, a: Operand, b: Operand): Value {
  switch (operator) {
    case "<":
      return truth(a < b);
    case ">":
      return truth(a > b);
    case "<=":
      return truth(a <= b);
    case ">=":
      return truth(a >= b);
    case "==":
      return truth(a === b);
    case "!=":
      return truth(a !== b);
    default:
      throw new ArithmeticError(`operator ${operator} does not apply to these operands`);
  }
}

/** Unsigned results wrap; a signed one that does not fit is undefined in C and refused here. */
function checked(value: bigint, type: IntegerName, abiClass: AbiClass): Value {
  const { isSigned } = integerFacts(type, abiClass);
  const wrapped = wrap(value, type, abiClass);
  if (isSigned && wrapped !== value)
    throw new ArithmeticError(`signed overflow: ${value} does not fit ${type}`);
  return { kind: "integer", type, value: wrapped };
}

function wrap(value: bigint, type: IntegerName, abiClass: AbiClass): bigint {
  const { bits, isSigned } = integerFacts(type, abiClass);
  return isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

function truth(isTrue: boolean): Value {
  return { kind: "integer", type: "int", value: isTrue ? 1n : 0n };
}
