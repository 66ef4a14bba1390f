// Final names of structs, unions and enums: the typedef where there is one, else the tag, else the place they stand in.
import { qualified, type Declarations } from "./declarations.ts";
import type { Token } from "./lex.ts";
import type { CType, Signature } from "./model.ts";
import { HeaderError } from "./source.ts";

export interface FinalName {
  readonly name: string;
  /** How C code writes the type; "" if it cannot. */
  readonly spelling: string;
}

export class Naming {
  private readonly declarations: Declarations;
  private readonly names = new Map<string, FinalName>();

  constructor(declarations: Declarations) {
    this.declarations = declarations;
    for (const { name, type } of declarations.typedefs.values()) this.nameByTypedef(name, type);
    for (const { key, tag, kind } of declarations.records.values()) this.nameByTag(key, tag, kind);
    for (const { key, tag, values } of declarations.enums.values()) {
      this.nameByTag(key, tag, "enum");
      if (!this.names.has(key)) this.names.set(key, { name: `enum ${values[0]?.name ?? ""}`, spelling: "" });
    }
    this.nameByPlace();
  }

  /** The final name of the record or enum `key`. */
  of(key: string, at: Token): FinalName {
    const known = this.names.get(key);
    if (known !== undefined) return known;
    throw new HeaderError(
      "header-unnamed",
      at,
      "a struct that no caller can name",
      "give it a tag or a typedef",
    );
  }

  /** Whether the typedef `name` is nothing but the name of a record or enum. */
  isOwnName(name: string): boolean {
    const type = this.declarations.typedefs.get(name)?.type;
    return (type?.kind === "record" || type?.kind === "enum") && this.names.get(type.name)?.name === name;
  }

  /** `type` with final names. */
  finalType(type: CType, at: Token): CType {
    switch (type.kind) {
      case "pointer":
        return { ...type, to: this.finalType(type.to, at) };
      case "array":
        return { ...type, of: this.finalType(type.of, at) };
      case "function":
        return { ...type, signature: this.finalSignature(type.signature, at) };
      case "record":
      case "enum":
        return { ...type, name: this.of(type.name, at).name };
      case "typedef": {
        const aliased = this.declarations.typedefs.get(type.name)?.type;
        return aliased !== undefined && this.isOwnName(type.name)
          ? this.finalType(qualified(aliased, type), at)
          : type;
      }
      default:
        return type;
    }
  }

  finalSignature(signature: Signature, at: Token): Signature {
    const params = signature.params.map(({ name, type }) => ({ name, type: this.finalType(type, at) }));
    return { ...signature, returns: this.finalType(signature.returns, at), params };
  }

  private nameByTypedef(name: string, type: CType): void {
    if ((type.kind !== "record" && type.kind !== "enum") || this.names.has(type.name)) return;
    const tag = this.tagOf(type.name);
    // A typedef under another name than the tag is an alias of its own; the record keeps its tag.
    if (tag === null || tag === name) this.names.set(type.name, { name, spelling: name });
  }

  private tagOf(key: string): string | null {
    return this.declarations.records.get(key)?.tag ?? this.declarations.enums.get(key)?.tag ?? null;
  }

  private nameByTag(key: string, tag: string | null, kind: string): void {
    if (tag === null || this.names.has(key)) return;
    const spelling = `${kind} ${tag}`;
    this.names.set(key, { name: this.declarations.typedefs.has(tag) ? spelling : tag, spelling });
  }

  /** Records without any name get that of the member they are the type of. */
  private nameByPlace(): void {
    // Outer records are declared before the ones inside them, so one pass in order is enough.
    for (const { key, fields } of this.declarations.records.values()) {
      fields?.forEach((field, index) => {
        const inner = innermost(field.type);
        if (inner?.kind !== "record" || this.names.has(inner.name)) return;
        const outer = this.names.get(key)?.name ?? "";
        if (outer !== "")
          this.names.set(inner.name, {
            name: `${outer}.${field.name === "" ? index : field.name}`,
            spelling: "",
          });
      });
    }
  }
}

function innermost(type: CType): CType | undefined {
  if (type.kind === "array") return innermost(type.of);
  return type.kind === "pointer" ? innermost(type.to) : type;
}
