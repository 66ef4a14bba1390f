// Spells model types as C declarations: `uint8_t *const out[3]`, `void (*callback)(void *)`.
import type { AbiModel, Convention, CType, Signature } from "../header/model.ts";

/** `type` declared as `name`; with "" the bare type name. */
export function cDeclaration(model: AbiModel, type: CType, name: string): string {
  switch (type.kind) {
    case "pointer": {
      const inner = `*${qualifiers(type)}${name}`;
      const needsParentheses = type.to.kind === "array" || type.to.kind === "function";
      return cDeclaration(model, type.to, needsParentheses ? `(${inner})` : inner);
    }
    case "array":
      return cDeclaration(model, type.of, `${name}[${type.length ?? ""}]`);
    case "function":
      return cFunction(model, type.signature, name);
    default: {
      const base = `${qualifiers(type)}${baseName(model, type)}`;
      return name === "" ? base : `${base} ${name}`;
    }
  }
}

/** `name` as a pointer to a function of this signature. */
export function cFunctionPointer(model: AbiModel, signature: Signature, name: string): string {
  return cFunction(model, signature, `(${conventionPrefix(signature.convention)}*${name})`);
}

function cFunction(model: AbiModel, signature: Signature, name: string): string {
  const params = signature.params.map(({ type }) => cDeclaration(model, type, ""));
  if (signature.variadic) params.push("...");
  return cDeclaration(
    model,
    signature.returns,
    `${name}(${params.length === 0 ? "void" : params.join(", ")})`,
  );
}

function baseName(model: AbiModel, type: CType): string {
  switch (type.kind) {
    case "void":
      return "void";
    case "record":
      return (
        [...model.records, ...model.opaques].find(({ name }) => name === type.name)?.spelling ?? type.name
      );
    case "enum": {
      const declared = model.enums.find(({ name }) => name === type.name);
      return declared === undefined || declared.spelling === ""
        ? (declared?.underlying ?? "int")
        : declared.spelling;
    }
    case "integer":
    case "float":
    case "typedef":
    case "system":
      return type.name;
    case "pointer":
    case "array":
    case "function":
      return "";
  }
}

function qualifiers(type: CType): string {
  return `${type.const === true ? "const " : ""}${type.volatile === true ? "volatile " : ""}`;
}

/** Only 32-bit Windows tells conventions apart; compilers for other systems take and ignore the attribute. */
function conventionPrefix(convention: Convention): string {
  return convention === "default" ? "" : `ABI_${convention.toUpperCase()} `;
}
