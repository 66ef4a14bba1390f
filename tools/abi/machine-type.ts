// What a type is to the machine in one class of layout: two spellings with the same words are passed and stored alike.
import { integerWords } from "../header/integer-words.ts";
import type { AbiClass, AbiModel, CType, IntegerName, Signature } from "../header/model.ts";

/** Words for a type without its `const`; equal words mean equal bits, whatever the header calls the type. */
export function machineType(model: AbiModel, type: CType, abiClass: AbiClass): string {
  switch (type.kind) {
    case "integer":
      return machineInteger(type.name, abiClass);
    case "pointer":
      return `pointer to ${machineType(model, type.to, abiClass)}`;
    case "array":
      return `${type.length ?? "any number"} of ${machineType(model, type.of, abiClass)}`;
    case "function":
      return machineSignature(model, type.signature, abiClass);
    case "enum": {
      const declared = model.enums.find(({ name }) => name === type.name);
      return declared === undefined ? `enum ${type.name}` : machineInteger(declared.underlying, abiClass);
    }
    case "typedef":
      return machineTypedef(model, type.name, abiClass);
    case "record":
      return `record ${type.name}`;
    case "float":
    case "system":
      return type.name;
    case "void":
      return "void";
  }
}

export function machineSignature(
  model: AbiModel,
  { convention, returns, params, variadic }: Signature,
  abiClass: AbiClass,
): string {
  const words = params.map(({ type }) => machineType(model, type, abiClass));
  const all = [...words, ...(variadic ? ["..."] : [])].join(", ");
  return `${convention} function (${all}) giving ${machineType(model, returns, abiClass)}`;
}

/** Opaque names stay names: what is behind them is nobody's business. */
function machineTypedef(model: AbiModel, name: string, abiClass: AbiClass): string {
  const callback = model.callbacks.find((entry) => entry.name === name);
  if (callback !== undefined) return `pointer to ${machineSignature(model, callback.signature, abiClass)}`;
  const alias = model.typedefs.find((entry) => entry.name === name);
  return alias === undefined ? name : machineType(model, alias.type, abiClass);
}

/** `long` and wchar_t have another size on Windows than elsewhere in the same class, and equal nothing else. */
function machineInteger(name: IntegerName, abiClass: AbiClass): string {
  const pointerBits = abiClass === "p8a8" ? 64 : 32;
  const known: Partial<Readonly<Record<IntegerName, string>>> = {
    ...integerWords,
    size_t: `u${pointerBits}`,
    uintptr_t: `u${pointerBits}`,
    ssize_t: `i${pointerBits}`,
    ptrdiff_t: `i${pointerBits}`,
    intptr_t: `i${pointerBits}`,
  };
  return known[name] ?? name;
}
