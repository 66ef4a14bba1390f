// The ABI model: what a C header promises, as plain data. Published as JSON; every emitter reads only this.

/** One class of data layout: pointer size × alignment of uint64_t. All shipped targets fall into one of them. */
export type AbiClass = "p8a8" | "p4a8" | "p4a4";

export const abiClasses: readonly AbiClass[] = ["p8a8", "p4a8", "p4a4"];

/** A value for each class. */
export type PerClass<Value> = Readonly<Record<AbiClass, Value>>;

/** Integer types under the names that C gives them; the fixed-width ones are the only ones allowed in our own structs. */
export type IntegerName =
  | "_Bool"
  | "char"
  | "signed char"
  | "unsigned char"
  | "short"
  | "unsigned short"
  | "int"
  | "unsigned int"
  | "long"
  | "unsigned long"
  | "long long"
  | "unsigned long long"
  | "int8_t"
  | "uint8_t"
  | "int16_t"
  | "uint16_t"
  | "int32_t"
  | "uint32_t"
  | "int64_t"
  | "uint64_t"
  | "size_t"
  | "ssize_t"
  | "ptrdiff_t"
  | "intptr_t"
  | "uintptr_t"
  | "wchar_t";

export type FloatName = "float" | "double" | "long double";

/** Calling convention; "default" is the platform's C convention, the others count on 32-bit Windows only. */
export type Convention = "default" | "cdecl" | "stdcall" | "fastcall" | "vectorcall" | "thiscall";

/** A C type. The qualifiers are those of the type itself: `const char *` is a pointer to a char with `const`. */
export type CType = { readonly const?: true; readonly volatile?: true } & (
  | { readonly kind: "void" }
  | { readonly kind: "integer"; readonly name: IntegerName }
  | { readonly kind: "float"; readonly name: FloatName }
  | { readonly kind: "pointer"; readonly to: CType }
  /** `length` null: incomplete, `[]`. */
  | { readonly kind: "array"; readonly of: CType; readonly length: number | null }
  | { readonly kind: "function"; readonly signature: Signature }
  /** A struct, union or enum; `name` is the key of AbiModel.records, .opaques or .enums. */
  | { readonly kind: "record"; readonly name: string }
  | { readonly kind: "enum"; readonly name: string }
  /** A name of AbiModel.typedefs or .callbacks. */
  | { readonly kind: "typedef"; readonly name: string }
  /** A type of the C library whose layout is not modelled, e.g. va_list or FILE. */
  | { readonly kind: "system"; readonly name: string }
);

export interface Signature {
  readonly convention: Convention;
  readonly returns: CType;
  readonly params: readonly { readonly name: string; readonly type: CType }[];
  readonly variadic: boolean;
}

/** Where a declaration stands. For people and messages; never part of the hash. */
export interface SourceSpan {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Declared {
  readonly name: string;
  /** The comment beside or above the declaration, without comment marks; "" without one. */
  readonly doc: string;
  readonly source: SourceSpan;
}

/** An object-like macro or a `static const` object with a constant value; enumerators are in AbiModel.enums. */
export interface ConstantModel extends Declared {
  readonly value: ConstantValue;
  /** Set where the value depends on the class (e.g. uses sizeof(size_t)); `value` is then that of p8a8. */
  readonly perClass?: PerClass<ConstantValue>;
  /** A `static const` object rather than a macro: no constant expression in C. */
  readonly object?: true;
  /** The longest prefix of AbiModel.groups that the name starts with. */
  readonly group?: string;
}

export type ConstantValue =
  /** `value` in decimal; 64-bit values do not fit a JSON number. `type` is the C type of the expression. */
  | { readonly kind: "integer"; readonly type: IntegerName; readonly value: string }
  /** `text` is the shortest decimal that reads back as the same double. */
  | { readonly kind: "float"; readonly type: FloatName; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  /** An integer cast to a pointer, e.g. ((callback)-1). */
  | { readonly kind: "pointer"; readonly type: CType; readonly value: string };

/** A macro that is not a constant, so that nothing of the header goes unnamed. */
export interface MacroModel extends Declared {
  /**
   * marker: empty; annotation: specifiers, attributes or a type; alias: the name of a function or variable;
   * expression: an expression that is not constant; function: takes parameters; fragment: an initializer in braces, a
   * statement, or a dotted version number, of use only inside other code.
   */
  readonly kind: "marker" | "annotation" | "alias" | "expression" | "function" | "fragment";
  readonly text: string;
}

export interface TypedefModel extends Declared {
  readonly type: CType;
}

/** A typedef of a pointer to a function. */
export interface CallbackModel extends Declared {
  readonly signature: Signature;
}

export interface RecordModel extends Declared {
  readonly kind: "struct" | "union";
  /** How C code spells the type: "NnrpEvent" or "struct nnrp_event". */
  readonly spelling: string;
  /** Defined inside another record: C knows the name everywhere, C++ only there. */
  readonly nested?: true;
  readonly fields: readonly FieldModel[];
  readonly layout: PerClass<RecordLayout>;
}

export interface FieldModel {
  /** "" for an anonymous struct or union, whose members belong to the outer record, and for an unnamed bit-field. */
  readonly name: string;
  readonly type: CType;
  readonly doc: string;
  /** Width of a bit-field. */
  readonly bits?: number;
  /** Alignment asked for with _Alignas. */
  readonly alignas?: number;
}

export interface RecordLayout {
  readonly size: number;
  readonly align: number;
  /** One entry per field of the record, in order. */
  readonly fields: readonly FieldLayout[];
}

export interface FieldLayout {
  readonly offset: number;
  /** 0 for a flexible array member. */
  readonly size: number;
  /** Bit-fields: first bit within the byte at `offset`, counted from the least significant one (little-endian). */
  readonly bitOffset?: number;
}

/** A struct or union that the header only names. */
export interface OpaqueModel extends Declared {
  readonly kind: "struct" | "union";
  readonly spelling: string;
}

export interface EnumModel extends Declared {
  readonly spelling: string;
  readonly values: readonly { readonly name: string; readonly value: string; readonly doc: string }[];
  readonly underlying: IntegerName;
}

export interface FunctionModel extends Declared {
  readonly convention: Convention;
  readonly returns: CType;
  readonly params: readonly ParamModel[];
  readonly variadic: boolean;
  /** Overlay: the call may block its thread. */
  readonly blocks: boolean;
  /** Minor version of the ABI in which the function appeared. */
  readonly since: number;
}

export interface ParamModel {
  readonly name: string;
  readonly type: CType;
  readonly role: ParamRole;
  /** NULL or handle 0 is allowed. */
  readonly nullable: boolean;
}

/** What a parameter means to a binding: derived from naming rules (semantics.ts), exceptions from the overlay. */
export type ParamRole =
  | { readonly kind: "value" }
  /** A handle by value. */
  | { readonly kind: "handle" }
  /** One struct that the callee reads. */
  | { readonly kind: "in" }
  /** Items that the callee reads (in) or writes (out); `count` names the parameter with their number. */
  | { readonly kind: "array"; readonly direction: "in" | "out"; readonly count: string }
  /** UTF-8 text that the callee reads (in) or writes (out); `size` names the parameter with its bytes. */
  | { readonly kind: "text"; readonly direction: "in" | "out"; readonly size: string }
  /** Number of items of the array, or bytes of the text, `of`. */
  | { readonly kind: "count"; readonly of: string }
  /** One value that the callee writes on success; `alsoOnFailure`: the header promises it for some failures too. */
  | { readonly kind: "out"; readonly alsoOnFailure: boolean }
  /** Pointer to memory of the library that the callee writes; `size` names the out parameter with its size. */
  | { readonly kind: "borrow"; readonly size: string }
  /** The diagnosis, written on failure. */
  | { readonly kind: "error" }
  | { readonly kind: "callback" }
  /** Passed unchanged to the callback `of`. */
  | { readonly kind: "userData"; readonly of: string }
  /** Anything no rule covers, e.g. parameters of foreign headers. */
  | { readonly kind: "other" };

/** The names that carry the ABI's conventions; absent in a foreign header without an overlay. */
export interface ConventionNames {
  /** Typedef of the status that calls return. */
  readonly status?: string;
  /** Typedef of handles. */
  readonly handle?: string;
  /** Record with the diagnosis of a failed call. */
  readonly error?: string;
}

export interface AbiModel {
  readonly format: 1;
  readonly name: string;
  readonly headers: readonly string[];
  /** Version of the ABI, from the overlay's version constants; null in a foreign header. */
  readonly version: { readonly major: number; readonly minor: number; readonly patch: number } | null;
  /** SHA-256 over names, types, order and values: 64 lower-case hex digits. See hash.ts for what is left out. */
  readonly hash: string;
  /** The same for the model cut down to each earlier minor of the ABI, from 0 on. */
  readonly floors: readonly string[];
  readonly names: ConventionNames;
  /** Prefixes of constants that belong together, e.g. "NNRP_STATUS_", from the overlay. */
  readonly groups: readonly string[];
  readonly constants: readonly ConstantModel[];
  readonly typedefs: readonly TypedefModel[];
  readonly callbacks: readonly CallbackModel[];
  readonly enums: readonly EnumModel[];
  readonly records: readonly RecordModel[];
  readonly opaques: readonly OpaqueModel[];
  readonly functions: readonly FunctionModel[];
  /** Exported objects (`extern int x;`). */
  readonly variables: readonly (Declared & { readonly type: CType })[];
  readonly macros: readonly MacroModel[];
}
