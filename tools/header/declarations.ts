// What parsing one header collects: symbols with their tokens, before names are final and layouts are computed.
import type { Value } from "./constant.ts";
import type { Token } from "./lex.ts";
import type { CType, IntegerName, Signature } from "./model.ts";

/** A stretch of the file from the first to the last token of a declaration, for its documentation. */
export interface Extent {
  readonly first: Token;
  readonly last: Token;
}

export interface FieldDeclaration {
  /** "" for an anonymous record and an unnamed bit-field. */
  readonly name: string;
  readonly token: Token;
  readonly extent: Extent;
  readonly type: CType;
  readonly bits?: number;
  readonly alignas?: number;
  readonly isPacked: boolean;
}

export interface RecordDeclaration {
  readonly kind: "struct" | "union";
  /** The tag, or a made-up key for a record without one. */
  readonly key: string;
  readonly tag: string | null;
  readonly token: Token;
  extent: Extent;
  /** null as long as only the name is known. */
  fields: readonly FieldDeclaration[] | null;
  isPacked: boolean;
  alignas: number | null;
  /** The body stands inside another one. */
  isNested: boolean;
  /** The limit of #pragma pack where the body stands. */
  pack: number | null;
}

export interface EnumDeclaration {
  readonly key: string;
  readonly tag: string | null;
  readonly token: Token;
  readonly extent: Extent;
  readonly values: readonly { readonly name: string; readonly value: bigint; readonly extent: Extent }[];
  readonly underlying: IntegerName;
}

export interface NamedType {
  readonly name: string;
  readonly token: Token;
  readonly extent: Extent;
  readonly type: CType;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly token: Token;
  readonly extent: Extent;
  readonly signature: Signature;
}

export interface ConstantDeclaration {
  readonly name: string;
  readonly token: Token;
  readonly extent: Extent;
  readonly value: Value;
}

export interface Typedef extends NamedType {
  /** Typedefs behind one another, this one among them. */
  readonly depth: number;
}

/** The symbols of one header, in the order of their declaration. */
export class Declarations {
  readonly typedefs = new Map<string, Typedef>();
  readonly records = new Map<string, RecordDeclaration>();
  readonly enums = new Map<string, EnumDeclaration>();
  readonly functions = new Map<string, FunctionDeclaration>();
  readonly variables = new Map<string, NamedType>();
  readonly constants = new Map<string, ConstantDeclaration>();
  readonly enumerators = new Map<string, Value>();
  /** Inline functions: code of the header, no symbol of the library. */
  readonly inlines = new Set<string>();
  private unnamed = 0;

  /** A key for a record or enum without a tag. */
  unnamedKey(): string {
    this.unnamed += 1;
    return `<unnamed ${this.unnamed}>`;
  }

  /** The type behind typedefs, with the qualifiers of all of them. */
  resolve(type: CType): CType {
    let current = type;
    while (current.kind === "typedef") {
      const next: CType | undefined = this.typedefs.get(current.name)?.type;
      if (next === undefined) return current;
      current = qualified(next, current);
    }
    return current;
  }

  /** How many typedefs stand behind one another at the deepest place of the type, the type itself among them. */
  typedefDepth(type: CType): number {
    switch (type.kind) {
      case "pointer":
        return this.typedefDepth(type.to);
      case "array":
        return this.typedefDepth(type.of);
      case "function":
        return [type.signature.returns, ...type.signature.params.map((param) => param.type)].reduce(
          (deepest, part) => Math.max(deepest, this.typedefDepth(part)),
          0,
        );
      case "typedef":
        return this.typedefs.get(type.name)?.depth ?? 0;
      default:
        return 0;
    }
  }
}

/** `type` with the qualifiers of `qualifiers` added. */
export function qualified(
  type: CType,
  qualifiers: { readonly const?: true; readonly volatile?: true },
): CType {
  const isConst = qualifiers.const === true || type.const === true;
  const isVolatile = qualifiers.volatile === true || type.volatile === true;
  return { ...type, ...(isConst ? { const: true } : {}), ...(isVolatile ? { volatile: true } : {}) };
}
