// Turns the TypeScript types of the facts into a JSON Schema, so that the two cannot differ.
import { fileURLToPath } from "node:url";
import ts from "typescript";

const typesFile = fileURLToPath(new URL("facts.ts", import.meta.url));
const rootType = "ArtifactFacts";

type Schema = Readonly<Record<string, unknown>>;

export function schemaOfFacts(): Schema {
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts"],
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
  };
  const compiled = ts.createProgram([typesFile], options);
  const checker = compiled.getTypeChecker();
  const source = compiled.getSourceFile(typesFile);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  const root = module?.exports?.get(ts.escapeLeadingUnderscores(rootType));
  if (root === undefined) throw new Error(`${typesFile} exports no ${rootType}`);
  const writer = new SchemaWriter(checker);
  const items = writer.schemaOf(checker.getDeclaredTypeOfSymbol(root));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Facts of artifacts",
    description:
      "What is read from the bytes of libraries, objects and archives. Numbers of 64 bits are written in hexadecimal.",
    type: "array",
    items,
    $defs: writer.definitions(),
  };
}

class SchemaWriter {
  private readonly checker: ts.TypeChecker;
  private readonly named = new Map<string, Schema>();

  constructor(checker: ts.TypeChecker) {
    this.checker = checker;
  }

  definitions(): Schema {
    return Object.fromEntries([...this.named].sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  schemaOf(type: ts.Type): Schema {
    if (type.isUnion()) return this.union(type);
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (isOf(type, ts.TypeFlags.TemplateLiteral)) return templateSchema(type as ts.TemplateLiteralType);
    if (isOf(type, ts.TypeFlags.BooleanLiteral)) return { const: this.checker.typeToString(type) === "true" };
    if (isOf(type, ts.TypeFlags.String)) return { type: "string" };
    if (isOf(type, ts.TypeFlags.Number)) return { type: "number" };
    if (isOf(type, ts.TypeFlags.BigInt)) return { type: "string", pattern: "^-?0x[0-9a-f]+$" };
    const element = this.elementOf(type);
    return element === undefined ? this.object(type) : { type: "array", items: this.schemaOf(element) };
  }

  private union(type: ts.UnionType): Schema {
    const parts = type.types.filter((part) => !isOf(part, ts.TypeFlags.Undefined));
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return this.schemaOf(only);
    if (parts.every((part) => isOf(part, ts.TypeFlags.BooleanLiteral))) return { type: "boolean" };
    const literals = parts.flatMap((part) =>
      part.isStringLiteral() || part.isNumberLiteral() ? [part.value] : [],
    );
    const others = parts.filter((part) => !part.isStringLiteral() && !part.isNumberLiteral());
    if (others.length === 0) return { enum: literals.sort() };
    const schemas = others.map((part) => this.schemaOf(part));
    return { anyOf: literals.length === 0 ? schemas : [{ enum: literals.sort() }, ...schemas] };
  }

  private elementOf(type: ts.Type): ts.Type | undefined {
    return this.checker.isArrayType(type)
      ? this.checker.getTypeArguments(type as ts.TypeReference)[0]
      : undefined;
  }

  /** Interfaces without parameters get a definition of their own; all others are written where they stand. */
  private object(type: ts.Type): Schema {
    const name =
      type.isClassOrInterface() && (type.typeParameters ?? []).length === 0 ? type.symbol.name : undefined;
    if (name === undefined) return this.properties(type);
    if (!this.named.has(name)) {
      // A name that is being described is known already, so that types may contain themselves.
      this.named.set(name, {});
      this.named.set(name, this.properties(type));
    }
    return { $ref: `#/$defs/${name}` };
  }

  private properties(type: ts.Type): Schema {
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const property of type.getProperties()) {
      const of = this.checker.getTypeOfSymbol(property);
      properties[property.name] = this.described(property, of);
      if (!isOptional(property, of)) required.push(property.name);
    }
    return { type: "object", properties, required, additionalProperties: false };
  }

  private described(property: ts.Symbol, type: ts.Type): Schema {
    const text = ts.displayPartsToString(property.getDocumentationComment(this.checker));
    const schema = this.schemaOf(type);
    return text === "" ? schema : { description: text.replaceAll("\n", " "), ...schema };
  }
}

function isOptional(property: ts.Symbol, type: ts.Type): boolean {
  if ((property.flags & ts.SymbolFlags.Optional) !== 0) return true;
  return type.isUnion() && type.types.some((part) => isOf(part, ts.TypeFlags.Undefined));
}

function isOf(type: ts.Type, flag: ts.TypeFlags): boolean {
  return (type.flags & flag) !== 0;
}

/** "unknown-…": the fixed texts around what may be anything. */
function templateSchema({ texts }: ts.TemplateLiteralType): Schema {
  return { type: "string", pattern: `^${texts.join(".+")}$` };
}
