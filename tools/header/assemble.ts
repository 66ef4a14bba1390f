// Puts the declarations of one ABI class into the shape of the model: final names, documentation, layouts, constants.
import { documentation } from "./docs.ts";
import type { Extent, FieldDeclaration, RecordDeclaration } from "./declarations.ts";
import type { Token } from "./lex.ts";
import type { Macro } from "./macro.ts";
import { constantValue, macroMeaning } from "./macro-meaning.ts";
import type {
  AbiClass,
  AbiModel,
  CallbackModel,
  ConstantModel,
  ConstantValue,
  CType,
  EnumModel,
  FieldModel,
  FunctionModel,
  MacroModel,
  OpaqueModel,
  RecordLayout,
  RecordModel,
  Signature,
  TypedefModel,
} from "./model.ts";
import { Naming } from "./naming.ts";
import type { ParsedUnit } from "./parse.ts";
import type { PreprocessedUnit } from "./preprocess.ts";
import { locate } from "./source.ts";

export type ClassRecord = Omit<RecordModel, "layout"> & { readonly layout: RecordLayout };
export type ClassFunction = Pick<FunctionModel, "name" | "doc" | "source"> & {
  readonly signature: Signature;
};

/** The model of one class. */
export interface ClassModel {
  readonly abiClass: AbiClass;
  readonly constants: readonly ConstantModel[];
  readonly typedefs: readonly TypedefModel[];
  readonly callbacks: readonly CallbackModel[];
  readonly enums: readonly EnumModel[];
  readonly records: readonly ClassRecord[];
  readonly opaques: readonly OpaqueModel[];
  readonly functions: readonly ClassFunction[];
  readonly variables: AbiModel["variables"];
  readonly macros: readonly MacroModel[];
  /** Where each name is declared, for errors about it. */
  readonly tokens: ReadonlyMap<string, Token>;
}

export function assemble(unit: PreprocessedUnit, parsed: ParsedUnit, abiClass: AbiClass): ClassModel {
  return new Assembler(unit, parsed, abiClass).run();
}

class Assembler {
  private readonly unit: PreprocessedUnit;
  private readonly parsed: ParsedUnit;
  private readonly abiClass: AbiClass;
  private readonly naming: Naming;
  private readonly tokens = new Map<string, Token>();

  constructor(unit: PreprocessedUnit, parsed: ParsedUnit, abiClass: AbiClass) {
    this.unit = unit;
    this.parsed = parsed;
    this.abiClass = abiClass;
    this.naming = new Naming(parsed.declarations);
  }

  run(): ClassModel {
    const { abiClass, tokens } = this;
    const { constants, macros } = this.macros();
    return {
      abiClass,
      constants: [...constants, ...this.objects()],
      ...this.typedefs(),
      enums: this.enums(),
      ...this.records(),
      functions: this.functions(),
      variables: this.variables(),
      macros,
      tokens,
    };
  }

  private macros(): { constants: ConstantModel[]; macros: MacroModel[] } {
    const constants: ConstantModel[] = [];
    const macros: MacroModel[] = [];
    for (const macro of this.unit.macros.all()) {
      if (macro.isSystem) continue;
      const meaning = macroMeaning(macro, this.unit.macros, this.parsed);
      const declared = this.declared(macro.name, macro.nameToken, macroExtent(macro));
      if (meaning.kind === "constant") {
        const value = constantValue(meaning.value, this.abiClass, (type) => this.type(type, macro.nameToken));
        constants.push({ ...declared, value });
      } else macros.push({ ...declared, kind: meaning.kind, text: bodyText(macro) });
    }
    return { constants, macros };
  }

  private objects(): ConstantModel[] {
    return [...this.parsed.declarations.constants.values()].map(({ name, token, extent, value }) => {
      const final: ConstantValue = constantValue(value, this.abiClass, (type) => this.type(type, token));
      return { ...this.declared(name, token, extent), value: final, object: true };
    });
  }

  private typedefs(): { typedefs: TypedefModel[]; callbacks: CallbackModel[] } {
    const typedefs: TypedefModel[] = [];
    const callbacks: CallbackModel[] = [];
    for (const { name, token, extent, type } of this.parsed.declarations.typedefs.values()) {
      if (this.naming.isOwnName(name)) continue;
      const declared = this.declared(name, token, extent);
      const final = this.type(type, token);
      if (final.kind === "pointer" && final.to.kind === "function")
        callbacks.push({ ...declared, signature: final.to.signature });
      else typedefs.push({ ...declared, type: final });
    }
    return { typedefs, callbacks };
  }

  private enums(): EnumModel[] {
    return [...this.parsed.declarations.enums.values()].map(({ key, token, extent, values, underlying }) => {
      const { name, spelling } = this.naming.of(key, token);
      const finalValues = values.map((value) => ({
        name: value.name,
        value: String(value.value),
        doc: this.doc(value.extent),
      }));
      return { ...this.declared(name, token, extent), spelling, values: finalValues, underlying };
    });
  }

  private records(): { records: ClassRecord[]; opaques: OpaqueModel[] } {
    const records: ClassRecord[] = [];
    const opaques: OpaqueModel[] = [];
    for (const record of this.parsed.declarations.records.values()) {
      const { name, spelling } = this.naming.of(record.key, record.token);
      const declared = { ...this.declared(name, record.token, record.extent), kind: record.kind, spelling };
      if (record.fields === null) opaques.push(declared);
      else records.push({ ...declared, ...this.body(record, record.fields) });
    }
    return { records, opaques };
  }

  private body(
    record: RecordDeclaration,
    fields: readonly FieldDeclaration[],
  ): Pick<ClassRecord, "nested" | "fields" | "layout"> {
    const layout = this.parsed.layout.record(record.key, record.token);
    const nested = record.isNested ? { nested: true as const } : {};
    return { ...nested, fields: fields.map((field) => this.field(field)), layout };
  }

  private field(field: FieldDeclaration): FieldModel {
    const { name, type, token, extent, bits, alignas } = field;
    return {
      name,
      type: this.type(type, token),
      doc: this.doc(extent),
      ...(bits === undefined ? {} : { bits }),
      ...(alignas === undefined ? {} : { alignas }),
    };
  }

  private functions(): ClassFunction[] {
    return [...this.parsed.declarations.functions.values()].map(({ name, token, extent, signature }) => {
      return {
        ...this.declared(name, token, extent),
        signature: this.naming.finalSignature(signature, token),
      };
    });
  }

  private variables(): AbiModel["variables"] {
    return [...this.parsed.declarations.variables.values()].map(({ name, token, extent, type }) => {
      return { ...this.declared(name, token, extent), type: this.type(type, token) };
    });
  }

  private type(type: CType, at: Token): CType {
    return this.naming.finalType(type, at);
  }

  private declared(
    name: string,
    token: Token,
    extent: Extent,
  ): { name: string; doc: string; source: ReturnType<typeof locate> } {
    this.tokens.set(name, token);
    return { name, doc: this.doc(extent), source: locate(token) };
  }

  private doc(extent: Extent): string {
    return documentation(this.unit.comments, extent);
  }
}

function macroExtent(macro: Macro): Extent {
  return { first: macro.nameToken, last: macro.body.at(-1) ?? macro.nameToken };
}

function bodyText(macro: Macro): string {
  const params =
    macro.params === null ? "" : `(${[...macro.params, ...(macro.isVariadic ? ["..."] : [])].join(", ")})`;
  const body = macro.body
    .map((token, index) => (index > 0 && token.spaceBefore ? " " : "") + token.text)
    .join("");
  return `${macro.name}${params} ${body}`.trim();
}
