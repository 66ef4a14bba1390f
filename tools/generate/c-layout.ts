// Emits the C witness of the model: asserts on sizes, offsets, alignments and constants, and a typed call of every function.
// The file compiles as C11 and as C++17, for every target; the class is chosen by constant expressions, not by a list of targets.
import {
  abiClasses,
  type AbiModel,
  type ConstantModel,
  type ConstantValue,
  type CType,
  type FunctionModel,
  type PerClass,
  type RecordModel,
} from "../header/model.ts";
import { cDeclaration, cFunctionPointer } from "./c-type.ts";
import type { Emitter } from "./emitter.ts";
import { generatedMark } from "./marked.ts";

export const cLayout: Emitter = {
  name: "c-layout",
  language: "c",
  emit: (model, project) => [
    { path: project.generated.cLayout, text: witness(model, project.headers.files[0] ?? "") },
  ],
};

/** The text of the witness; `header` is what it includes. */
export function witness(model: AbiModel, header: string): string {
  const prefix = model.name.replace(/\W/g, "_");
  return [
    `/* Layouts, constants and signatures of ${header} as the ABI model has them: ${generatedMark}. */`,
    `#include "${header}"`,
    "#include <stddef.h>",
    "#include <stdint.h>",
    "",
    ...prologue(model),
    ...model.records.flatMap((record) => guarded(record, recordAsserts(model, record))),
    ...constantAsserts(model),
    ...stringCheck(model, prefix),
    ...calls(model, prefix),
  ].join("\n");
}

function prologue(model: AbiModel): string[] {
  const conventions = new Set(
    model.functions.map(({ convention }) => convention).filter((name) => name !== "default"),
  );
  return [
    "#ifdef __cplusplus",
    "#define ABI_ASSERT static_assert",
    "#define ABI_ALIGNOF alignof",
    "/* Comparisons have another type in C++. */",
    "#define ABI_TYPE(constant, size, is_unsigned, text) static_assert(sizeof(constant) != 0, text)",
    "#else",
    "#define ABI_ASSERT _Static_assert",
    "#define ABI_ALIGNOF _Alignof",
    "#define ABI_TYPE(constant, size, is_unsigned, text) \\",
    "    _Static_assert(sizeof(constant) == (size) && ((constant) - (constant) - 1 > 0) == (is_unsigned), text)",
    "#endif",
    "",
    "#if defined(_WIN32) && !defined(_WIN64)",
    ...[...conventions].map((name) => `#define ABI_${name.toUpperCase()} __${name}`),
    "#else",
    ...[...conventions].map((name) => `#define ABI_${name.toUpperCase()}`),
    "#endif",
    "",
    "/* The class of the target: size of a pointer, and offset of a uint64_t behind a char. */",
    "struct AbiProbe {",
    "    char before;",
    "    uint64_t word;",
    "};",
    "#define ABI_WORD_ALIGN offsetof(struct AbiProbe, word)",
    'ABI_ASSERT(sizeof(void *) == 8 || sizeof(void *) == 4, "pointers have 4 or 8 bytes");',
    'ABI_ASSERT(ABI_WORD_ALIGN == 8 || (ABI_WORD_ALIGN == 4 && sizeof(void *) == 4), "a known ABI class");',
    "#define ABI_CLASS(p8a8, p4a8, p4a4) (sizeof(void *) == 8 ? (p8a8) : ABI_WORD_ALIGN == 8 ? (p4a8) : (p4a4))",
    "",
  ];
}

/** C++ does not see the names of nested records; their fields are checked as C. */
function guarded(record: RecordModel, lines: readonly string[]): readonly string[] {
  if (record.nested !== true || lines.length === 0) return lines;
  return ["#ifndef __cplusplus", ...lines.slice(0, -1), "#endif", ""];
}

function recordAsserts(model: AbiModel, record: RecordModel): string[] {
  const { spelling } = record;
  if (spelling === "") return [];
  const size = perClass((abiClass) => record.layout[abiClass].size);
  const align = perClass((abiClass) => record.layout[abiClass].align);
  return [
    `ABI_ASSERT(sizeof(${spelling}) == ${number(size)}, "size of ${record.name}");`,
    `ABI_ASSERT(ABI_ALIGNOF(${spelling}) == ${number(align)}, "alignment of ${record.name}");`,
    ...record.fields.flatMap((field, index) => {
      // Neither offsetof nor sizeof takes a bit-field or a member without a name.
      if (field.name === "" || field.bits !== undefined) return [];
      const offset = perClass((abiClass) => record.layout[abiClass].fields[index]?.offset ?? 0);
      const bytes = perClass((abiClass) => record.layout[abiClass].fields[index]?.size ?? 0);
      const isFlexible = field.type.kind === "array" && field.type.length === null;
      return [
        `ABI_ASSERT(offsetof(${spelling}, ${field.name}) == ${number(offset)}, "offset of ${record.name}.${field.name}");`,
        ...(isFlexible
          ? []
          : [
              `ABI_ASSERT(sizeof(((${cDeclaration(model, { kind: "pointer", to: recordType(record) }, "")})0)->${field.name}) == ${number(bytes)}, "size of ${record.name}.${field.name}");`,
            ]),
      ];
    }),
    "",
  ];
}

function recordType(record: RecordModel): { kind: "record"; name: string } {
  return { kind: "record", name: record.name };
}

function perClass<Value>(of: (abiClass: (typeof abiClasses)[number]) => Value): PerClass<Value> {
  return { p8a8: of("p8a8"), p4a8: of("p4a8"), p4a4: of("p4a4") };
}

function number(values: PerClass<number | string>): string {
  const { p8a8, p4a8, p4a4 } = values;
  if (p8a8 === p4a8 && p8a8 === p4a4) return `${p8a8}`;
  return `ABI_CLASS(${p8a8}u, ${p4a8}u, ${p4a4}u)`;
}

function constantAsserts(model: AbiModel): string[] {
  const lines = model.constants.flatMap((constant) => {
    const { name, value } = constant;
    if (value.kind === "float")
      return [
        `ABI_ASSERT(${name} == ${value.text}${value.type === "float" ? "f" : ""}, "value of ${name}");`,
      ];
    return value.kind === "integer" ? integerAsserts(constant) : [];
  });
  const enumerators = model.enums.flatMap(({ values }) =>
    values.map(
      ({ name, value }) => `ABI_ASSERT(${name} == ${literal("int64_t", value)}, "value of ${name}");`,
    ),
  );
  return [...lines, ...enumerators, ""];
}

/** Value, size and signedness: 1 and UINT64_C(1) are different constants. Types below int count as int in expressions. */
function integerAsserts({ name, value, perClass: values, object }: ConstantModel): string[] {
  const facts = values ?? { p8a8: value, p4a8: value, p4a4: value };
  const one = (of: (value: ConstantValue) => string): string => {
    const [first, second, third] = abiClasses.map((abiClass) => of(facts[abiClass]));
    return first === second && first === third ? `${first}` : `ABI_CLASS(${first}, ${second}, ${third})`;
  };
  const size = one((item) => `${item.kind === "integer" ? byteSize(item.type) : 0}u`);
  const isUnsigned = one((item) =>
    item.kind === "integer" && item.type.startsWith("u") && byteSize(item.type) >= 4 ? "1" : "0",
  );
  const text = one((item) => (item.kind === "integer" ? literal(item.type, item.value) : "0"));
  const valueAssert = `ABI_ASSERT((${name}) == ${text}, "value of ${name}");`;
  if (object === true) return ["#ifdef __cplusplus", valueAssert, "#endif"];
  return [valueAssert, `ABI_TYPE(${name}, ${size}, ${isUnsigned}, "type of ${name}");`];
}

function byteSize(type: string): number {
  return type === "_Bool" ? 1 : Number(/(\d+)_t$/.exec(type)?.[1] ?? 32) / 8;
}

/** A literal of that value; the smallest signed number has no literal of its own. */
function literal(type: string, value: string): string {
  if (type === "uint64_t") return `UINT64_C(${value})`;
  if (type === "uint32_t") return `UINT32_C(${value})`;
  const suffix =
    type === "int64_t"
      ? (digits: string): string => `INT64_C(${digits})`
      : (digits: string): string => digits;
  if (!value.startsWith("-")) return suffix(value);
  return `(-${suffix(String(-BigInt(value) - 1n))} - 1)`;
}

/** The headers of the compiler alone are used: a cross compiler may have no C library. */
const textComparison = [
  "static int abi_differs(const char *left, const char *right) {",
  "    while (*left != 0 && *left == *right) {",
  "        left += 1;",
  "        right += 1;",
  "    }",
  "    return *left != *right;",
  "}",
  "",
];

function stringCheck(model: AbiModel, prefix: string): string[] {
  const strings = model.constants.flatMap(({ name, value }) =>
    value.kind === "string" ? [{ name, text: value.value }] : [],
  );
  return [
    ...(strings.length === 0 ? [] : textComparison),
    `/* How many string constants differ from the model. */`,
    `int ${prefix}_layout_strings(void);`,
    `int ${prefix}_layout_strings(void) {`,
    "    int differing = 0;",
    ...strings.map(({ name, text }) => `    differing += abi_differs(${name}, ${quoted(text)});`),
    "    return differing;",
    "}",
    "",
  ];
}

/** Non-ASCII text goes into octal escapes of its UTF-8 bytes, so that no compiler's source encoding matters. */
function quoted(text: string): string {
  const escaped = [...new TextEncoder().encode(text)].map((byte) => {
    const char = String.fromCharCode(byte);
    return byte >= 0x20 && byte < 0x7f && !'"\\?'.includes(char)
      ? char
      : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${escaped.join("")}"`;
}

function calls(model: AbiModel, prefix: string): string[] {
  return [
    "/* Takes the address of every function with the type of the model, and calls it: a difference does not compile.",
    " * To be linked, not to be run. */",
    `void ${prefix}_layout_calls(void);`,
    `void ${prefix}_layout_calls(void) {`,
    ...model.functions.flatMap((fn, index) => callOf(model, fn, index)),
    "}",
    "",
  ];
}

function callOf(model: AbiModel, fn: FunctionModel, index: number): string[] {
  const args = fn.params.map((param, position) => {
    const { type } = param;
    if (type.kind === "record")
      return {
        before: [`        static ${cDeclaration(model, withoutConst(type), `argument${position}`)};`],
        text: `argument${position}`,
      };
    return {
      before: [],
      text:
        type.kind === "system" ? `argument${position}` : `(${cDeclaration(model, withoutConst(type), "")})0`,
    };
  });
  const system = fn.params.flatMap(({ type }, position) =>
    type.kind === "system"
      ? // Static, since such a one starts as zeros without a function of a C library.
        [`        static ${cDeclaration(model, type, `argument${position}`)};`]
      : [],
  );
  return [
    "    {",
    ...args.flatMap(({ before }) => before),
    ...system,
    `        ${cFunctionPointer(model, fn, `function${index}`)} = ${fn.name};`,
    `        (void)function${index}(${args.map(({ text }) => text).join(", ")});`,
    "    }",
  ];
}

/** A cast to a const type means nothing, and some compilers say so. */
function withoutConst(type: CType): CType {
  const bare: Record<string, unknown> = { ...type };
  delete bare.const;
  delete bare.volatile;
  return bare as CType;
}
