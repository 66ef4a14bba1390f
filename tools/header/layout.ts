// Sizes, offsets and alignments of C types in one ABI class, as the System V and ARM ABIs and gcc's bit-fields have them.
// Leaves out long double, wchar_t and system types in structs: their size differs within a class.
import { integerFacts, pointerSize } from "./constant.ts";
import type { Declarations, FieldDeclaration, RecordDeclaration } from "./declarations.ts";
import type { Token } from "./lex.ts";
import type { AbiClass, CType, FieldLayout, RecordLayout } from "./model.ts";
import { HeaderError } from "./source.ts";

export interface Measure {
  readonly size: number;
  readonly align: number;
}

/** Larger types than this are taken for a mistake. */
const maxSize = 2 ** 31;

export class LayoutEngine {
  private readonly declarations: Declarations;
  private readonly abiClass: AbiClass;
  private readonly known = new Map<string, RecordLayout>();
  private readonly open = new Set<string>();

  constructor(declarations: Declarations, abiClass: AbiClass) {
    this.declarations = declarations;
    this.abiClass = abiClass;
  }

  /** Size and alignment of a type; `at` is blamed for a type that has none. */
  measure(type: CType, at: Token): Measure {
    const resolved = this.declarations.resolve(type);
    switch (resolved.kind) {
      case "integer": {
        if (resolved.name === "wchar_t")
          throw this.refuse(at, "wchar_t has 2 bytes on Windows and 4 elsewhere");
        const size = integerFacts(resolved.name, this.abiClass).bits / 8;
        return { size, align: this.alignOfSize(size) };
      }
      case "float": {
        if (resolved.name === "long double")
          throw this.refuse(at, "long double has a different size on almost every target");
        const size = resolved.name === "float" ? 4 : 8;
        return { size, align: this.alignOfSize(size) };
      }
      case "pointer": {
        const size = pointerSize(this.abiClass);
        return { size, align: size };
      }
      case "enum":
        return { size: 4, align: 4 };
      case "array":
        return this.measureArray(resolved, at);
      case "record": {
        const { size, align } = this.record(resolved.name, at);
        return { size, align };
      }
      case "system":
        throw this.refuse(at, `the layout of ${resolved.name} belongs to the C library`);
      case "void":
      case "function":
        throw this.refuse(at, `${resolved.kind === "void" ? "void" : "a function"} has no size`);
      case "typedef":
        throw this.refuse(at, `the type ${resolved.name} is not known`);
    }
  }

  record(name: string, at: Token): RecordLayout {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const record = this.declarations.records.get(name);
    if (record?.fields == null) throw this.refuse(at, `'${name}' is only declared, so its size is not known`);
    if (this.open.has(name)) throw this.refuse(at, `'${name}' contains itself`);
    this.open.add(name);
    const layout = this.layOut(record, record.fields);
    this.open.delete(name);
    this.known.set(name, layout);
    return layout;
  }

  private measureArray(array: Extract<CType, { kind: "array" }>, at: Token): Measure {
    const { size, align } = this.measure(array.of, at);
    const total = size * (array.length ?? 0);
    if (total > maxSize) throw this.refuse(at, `this array has ${total} bytes`);
    return { size: total, align };
  }

  private layOut(record: RecordDeclaration, fields: readonly FieldDeclaration[]): RecordLayout {
    const state = new RecordState(record);
    fields.forEach((field, index) => {
      this.checkFlexible(record, field, index === fields.length - 1);
      if (field.bits === undefined) state.place(field, this.measure(field.type, field.token));
      else state.placeBits(field, this.measureBits(field, field.bits));
    });
    const layout = state.finish();
    if (layout.size > maxSize)
      throw this.refuse(record.token, `this ${record.kind} has ${layout.size} bytes`);
    return layout;
  }

  private measureBits(field: FieldDeclaration, bits: number): Measure {
    const resolved = this.declarations.resolve(field.type);
    if (resolved.kind !== "integer" && resolved.kind !== "enum")
      throw this.refuse(field.token, "a bit-field that is no integer");
    const measure = this.measure(resolved, field.token);
    const limit = resolved.kind === "integer" && resolved.name === "_Bool" ? 1 : measure.size * 8;
    if (bits > limit) throw this.refuse(field.token, `${bits} bits do not fit the type of this bit-field`);
    if (bits === 0 && field.name !== "") throw this.refuse(field.token, "a named bit-field needs a width");
    return measure;
  }

  private checkFlexible(record: RecordDeclaration, field: FieldDeclaration, isLast: boolean): void {
    const type = this.declarations.resolve(field.type);
    if (type.kind !== "array" || type.length !== null || (isLast && record.kind === "struct")) return;
    throw this.refuse(field.token, "an array without length must be the last member of a struct");
  }

  /** 8-byte types are what the classes differ in; everything smaller is aligned to its size. */
  private alignOfSize(size: number): number {
    return size === 8 && this.abiClass === "p4a4" ? 4 : size;
  }

  private refuse(at: Token, problem: string): HeaderError {
    return new HeaderError(
      "header-layout",
      at,
      problem,
      "use fixed-width integers, pointers and complete structs",
    );
  }
}

/** The running position while the members of one record are placed. */
class RecordState {
  private readonly record: RecordDeclaration;
  private readonly fields: FieldLayout[] = [];
  /** Next free bit. */
  private bit = 0;
  private sizeBits = 0;
  private align = 1;
  /** Alignments that only unnamed bit-fields ask for, on some targets. */
  private disputed: { align: number; token: Token } | null = null;

  constructor(record: RecordDeclaration) {
    this.record = record;
  }

  place(field: FieldDeclaration, { size, align }: Measure): void {
    const effective = this.effectiveAlign(field, align);
    this.startMember();
    const offset = roundUp(Math.ceil(this.bit / 8), effective);
    this.fields.push({ offset, size });
    this.align = Math.max(this.align, effective);
    this.endMember((offset + size) * 8);
  }

  placeBits(field: FieldDeclaration, { size, align }: Measure): void {
    const bits = field.bits ?? 0;
    const isPacked = field.isPacked || this.record.isPacked;
    const effective = this.effectiveAlign(field, align);
    this.startMember();
    let start = this.bit;
    if (bits === 0) start = roundUp(start, this.limited(align) * 8);
    else if (field.alignas !== undefined) start = roundUp(start, effective * 8);
    // gcc's rule: a bit-field does not span more units of its alignment than its type does.
    else if (
      !isPacked &&
      Math.ceil(((start % (effective * 8)) + bits) / (effective * 8)) > size / effective
    ) {
      start = roundUp(start, effective * 8);
    }
    if (field.name !== "") this.align = Math.max(this.align, effective);
    else if (effective > (this.disputed?.align ?? 0))
      this.disputed = { align: effective, token: field.token };
    this.fields.push({ offset: Math.floor(start / 8), size, bitOffset: start % 8 });
    this.endMember(start + bits);
  }

  finish(): RecordLayout {
    if (this.disputed !== null && this.disputed.align > this.align) {
      const remedy = "give the unnamed bit-field the type of a named one beside it";
      const problem = "whether this unnamed bit-field aligns the struct differs between targets";
      throw new HeaderError("header-layout", this.disputed.token, problem, remedy);
    }
    const align = Math.max(this.align, this.record.alignas ?? 1);
    return { size: roundUp(Math.ceil(this.sizeBits / 8), align), align, fields: this.fields };
  }

  private startMember(): void {
    if (this.record.kind === "union") this.bit = 0;
  }

  private endMember(bit: number): void {
    this.bit = bit;
    this.sizeBits = Math.max(this.sizeBits, bit);
  }

  private effectiveAlign(field: FieldDeclaration, natural: number): number {
    const isPacked = field.isPacked || this.record.isPacked;
    return this.limited(Math.max(isPacked ? 1 : natural, field.alignas ?? 1));
  }

  private limited(align: number): number {
    return Math.min(align, this.record.pack ?? align);
  }
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
