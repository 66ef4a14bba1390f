// Spells model types in Rust, with every typedef resolved, so that a Rust alias cannot hide a difference.
import { ToolError } from "../shared/errors.ts";
import { integerWords } from "../header/integer-words.ts";
import type { AbiModel, CType, IntegerName, Signature } from "../header/model.ts";

const integers: Readonly<Partial<Record<IntegerName, string>>> = {
  ...integerWords,
  _Bool: "bool",
  char: "core::ffi::c_char",
  long: "core::ffi::c_long",
  "unsigned long": "core::ffi::c_ulong",
  size_t: "usize",
  ssize_t: "isize",
  ptrdiff_t: "isize",
  intptr_t: "isize",
  uintptr_t: "usize",
};

/** `crate` is the path of the library that owns the records. `isNullable`: a function pointer becomes an Option. */
export function rustType(model: AbiModel, type: CType, crate: string, isNullable = true): string {
  switch (type.kind) {
    case "void":
      return "core::ffi::c_void";
    case "integer": {
      const name = integers[type.name];
      if (name === undefined) throw unsupported(type.name);
      return name;
    }
    case "float":
      if (type.name === "long double") throw unsupported(type.name);
      return type.name === "float" ? "f32" : "f64";
    case "pointer":
      if (type.to.kind === "function") return rustCallback(model, type.to.signature, crate, isNullable);
      return `*${type.to.const === true ? "const" : "mut"} ${rustType(model, type.to, crate)}`;
    case "array":
      return `[${rustType(model, type.of, crate)}; ${type.length ?? 0}]`;
    case "record":
      return `${crate}::${type.name}`;
    case "enum":
      return rustType(model, { kind: "integer", name: enumType(model, type.name) }, crate);
    case "typedef": {
      const callback = model.callbacks.find(({ name }) => name === type.name);
      if (callback !== undefined) return rustCallback(model, callback.signature, crate, isNullable);
      const alias = model.typedefs.find(({ name }) => name === type.name);
      if (alias === undefined) throw unsupported(type.name);
      return rustType(model, alias.type, crate, isNullable);
    }
    case "function":
    case "system":
      throw unsupported(type.kind === "system" ? type.name : "a function type");
  }
}

/** A function pointer type; C cannot promise that a call is safe. */
export function rustFunction(
  model: AbiModel,
  signature: Signature,
  crate: string,
  nullable: readonly boolean[] = [],
): string {
  const params = signature.params.map(({ type }, index) =>
    rustType(model, type, crate, nullable[index] ?? true),
  );
  if (signature.variadic) params.push("...");
  const returns = signature.returns.kind === "void" ? "" : ` -> ${rustType(model, signature.returns, crate)}`;
  return `unsafe extern "${rustAbi(signature)}" fn(${params.join(", ")})${returns}`;
}

function rustCallback(model: AbiModel, signature: Signature, crate: string, isNullable: boolean): string {
  const pointer = rustFunction(model, signature, crate);
  return isNullable ? `Option<${pointer}>` : pointer;
}

function rustAbi({ convention }: Signature): string {
  switch (convention) {
    case "default":
    case "cdecl":
      return "C";
    case "stdcall":
    case "fastcall":
    case "thiscall":
      return convention;
    case "vectorcall":
      throw unsupported("__vectorcall");
  }
}

function enumType(model: AbiModel, name: string): IntegerName {
  return model.enums.find((item) => item.name === name)?.underlying ?? "int";
}

export function unsupported(what: string): ToolError {
  return new ToolError({
    code: "rust-unsupported",
    family: "finding",
    message: `rust: ${what} has no stable Rust type`,
    remedy: "leave Rust out with --lang c,node, or declare it with fixed-width types",
  });
}
