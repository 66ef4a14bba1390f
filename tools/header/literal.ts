// Values of C literals: numbers with their suffixes, characters and strings with their escapes.
import { ArithmeticError, integerFacts, type Value } from "./constant.ts";
import type { AbiClass, IntegerName } from "./model.ts";

/** The value of a preprocessing number. `isCondition`: in #if, where every integer has 64 bits. */
export function numberValue(text: string, abiClass: AbiClass, isCondition: boolean): Value {
  const digits = text.replaceAll("'", "");
  const integer = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)([uUlL]*|[uU]?[iI]64)$/.exec(digits);
  if (integer !== null)
    return integerValue(text, integer[1] ?? "", (integer[2] ?? "").toLowerCase(), abiClass, isCondition);
  if (isCondition) throw new ArithmeticError(`${text} is no integer`);
  return floatValue(text, digits);
}

function integerValue(
  text: string,
  digits: string,
  suffix: string,
  abiClass: AbiClass,
  isCondition: boolean,
): Value {
  const isDecimal = !/^0[0-9xXbB]/.test(digits);
  if (/^0[0-9]*[89]/.test(digits))
    throw new ArithmeticError(`${text} starts with 0, but has a digit that is not octal`);
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const types = isCondition ? conditionTypes(isDecimal, suffix) : literalTypes(text, isDecimal, suffix);
  const fitting = types.find((type) => fits(value, type, abiClass));
  if (fitting === undefined) throw new ArithmeticError(`${text} is too large for its type`);
  return { kind: "integer", type: fitting, value };
}

/** The types that C11 6.4.4.1 tries in turn. */
function literalTypes(text: string, isDecimal: boolean, suffix: string): readonly IntegerName[] {
  const signed: readonly IntegerName[] = ["int", "long", "long long"];
  const unsigned: readonly IntegerName[] = ["unsigned int", "unsigned long", "unsigned long long"];
  const both = signed.flatMap((type, index) => [type, unsigned[index] as IntegerName]);
  switch (suffix) {
    case "":
      return isDecimal ? signed : both;
    case "u":
      return unsigned;
    case "l":
      return isDecimal ? signed.slice(1) : both.slice(2);
    case "ul":
    case "lu":
      return unsigned.slice(1);
    case "ll":
    case "i64":
      return isDecimal ? signed.slice(2) : both.slice(4);
    case "ull":
    case "llu":
    case "ui64":
      return unsigned.slice(2);
    default:
      throw new ArithmeticError(`${text} has the unknown suffix ${suffix}`);
  }
}

function conditionTypes(isDecimal: boolean, suffix: string): readonly IntegerName[] {
  if (suffix.includes("u")) return ["unsigned long long"];
  return isDecimal ? ["long long"] : ["long long", "unsigned long long"];
}

function fits(value: bigint, type: IntegerName, abiClass: AbiClass): boolean {
  const { bits, isSigned } = integerFacts(type, abiClass);
  return value < 1n << BigInt(isSigned ? bits - 1 : bits);
}

function floatValue(text: string, digits: string): Value {
  const decimal = /^((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)([fF]?)$/.exec(digits);
  const hexadecimal = /^0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)([fF]?)$/.exec(digits);
  if (decimal !== null) return float(Number(decimal[1]), decimal[2] !== "");
  if (hexadecimal !== null && `${hexadecimal[1]}${hexadecimal[2]}` !== "") {
    const [, whole = "", fraction = "", exponent = "0", suffix = ""] = hexadecimal;
    const mantissa = Number(BigInt(`0x${whole}${fraction}`));
    return float(mantissa * 2 ** (Number(exponent) - 4 * fraction.length), suffix !== "");
  }
  if (/[lL]$/.test(digits))
    throw new ArithmeticError(`${text} is a long double, which differs between targets`);
  throw new ArithmeticError(`${text} is no number`);
}

function float(value: number, isSingle: boolean): Value {
  if (!Number.isFinite(value)) throw new ArithmeticError("the number is too large for double");
  return isSingle
    ? { kind: "float", type: "float", value: Math.fround(value) }
    : { kind: "float", type: "double", value };
}

/** The value of a character constant: an int, and below 128, since the sign of char differs between targets. */
export function characterValue(text: string): Value {
  if (!text.startsWith("'"))
    throw new ArithmeticError(`${text} is a wide character, whose type differs between targets`);
  const units = unescape(text.slice(1, -1));
  const code = units.length === 1 ? units.charCodeAt(0) : -1;
  if (units.length !== 1) throw new ArithmeticError(`${text} is not one character`);
  if (code > 127)
    throw new ArithmeticError(
      `${text} differs between targets, since char is signed on some and unsigned on others`,
    );
  return { kind: "integer", type: "int", value: BigInt(code) };
}

/** The text of adjacent string literals. */
export function stringValue(texts: readonly string[]): Value {
  const parts = texts.map((text) => {
    if (!text.startsWith('"') && !text.startsWith('u8"')) {
      throw new ArithmeticError(`${text} is a wide string, whose type differs between targets`);
    }
    return unescape(text.slice(text.indexOf('"') + 1, -1));
  });
  return { kind: "string", value: parts.join("") };
}

const simpleEscapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  e: "\x1b",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "?": "?",
};

function unescape(text: string): string {
  return text.replace(
    /\\(x[0-9a-fA-F]+|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|[\s\S]?)/g,
    (whole, escape: string) => {
      const simple = simpleEscapes[escape];
      if (simple !== undefined) return simple;
      if (/^[uU]./.test(escape)) return codePoint(whole, parseInt(escape.slice(1), 16));
      const code = escape.startsWith("x") ? parseInt(escape.slice(1), 16) : parseInt(escape, 8);
      if (Number.isNaN(code)) throw new ArithmeticError(`${whole} is no escape sequence`);
      // Bytes above 127 may be halves of a character; the model holds text.
      if (code > 127)
        throw new ArithmeticError(`${whole} is a byte outside ASCII; write the character itself in UTF-8`);
      return String.fromCharCode(code);
    },
  );
}

function codePoint(whole: string, code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    throw new ArithmeticError(`${whole} is no character`);
  return String.fromCodePoint(code);
}
