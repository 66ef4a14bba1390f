// Emits the Rust witness of the model: a test that the library's items have the types, layouts and values of the header.
import {
  abiClasses,
  type AbiModel,
  type CallbackModel,
  type ConstantModel,
  type FunctionModel,
  type RecordModel,
} from "../header/model.ts";
import type { Emitter } from "./emitter.ts";
import { generatedMark } from "./marked.ts";
import { rustFunction, rustType, unsupported } from "./rust-type.ts";

export const rustAbi: Emitter = {
  name: "rust-abi",
  language: "rust",
  emit: (model, project) => {
    const crate = project.crate.library.replaceAll("-", "_");
    return [{ path: project.generated.rustAbiTest, text: new RustWitness(model, crate).text() }];
  },
};

class RustWitness {
  private readonly model: AbiModel;
  private readonly crate: string;

  constructor(model: AbiModel, crate: string) {
    this.model = model;
    this.crate = crate;
  }

  text(): string {
    const { model } = this;
    const lines = [
      `//! The library's items against the header's model, type by type: ${generatedMark}.`,
      "",
      "#![allow(clippy::too_many_lines, clippy::type_complexity)] // One line per declaration, however long the list.",
      "#![allow(clippy::large_types_passed_by_value, clippy::unreadable_literal)]",
      "",
      ...(model.records.length === 0
        ? []
        : ["use std::mem::{align_of, offset_of, size_of};", "", ...this.abiClass()]),
      ...this.test(
        "functions_have_the_types_of_the_header",
        model.functions.map((fn) => this.functionLine(fn)),
      ),
      ...this.test(
        "callbacks_have_the_types_of_the_header",
        model.callbacks.map((callback) => this.callbackLine(callback)),
      ),
      ...model.records.flatMap((record) => this.record(record)),
      ...this.test(
        "constants_have_the_values_of_the_header",
        model.constants.flatMap((constant) => this.constantLines(constant)),
      ),
    ];
    return `${lines.join("\n").trimEnd()}\n`;
  }

  private test(name: string, lines: readonly string[]): string[] {
    if (lines.length === 0) return [];
    return ["#[rustfmt::skip]", "#[test]", `fn ${name}() {`, ...lines.map((line) => `    ${line}`), "}", ""];
  }

  /** Which column of the layout tables counts; a const, so that an unknown class does not compile. */
  private abiClass(): string[] {
    if (this.model.records.every(isUniform)) return [];
    return [
      "/// Pointer size and alignment of `u64` choose the column of each table below.",
      "const CLASS: usize = match (size_of::<*const ()>(), align_of::<u64>()) {",
      "    (8, 8) => 0,",
      "    (4, 8) => 1,",
      "    (4, 4) => 2,",
      '    _ => panic!("an ABI class that is not modelled"),',
      "};",
      "",
    ];
  }

  private functionLine(fn: FunctionModel): string {
    const nullable = fn.params.map((param) => param.nullable);
    return `let _: ${rustFunction(this.model, fn, this.crate, nullable)} = ${this.crate}::${fn.name};`;
  }

  /** Two function types are equal if each can be assigned to the other; a closure of one proves it. */
  private callbackLine({ name, signature }: CallbackModel): string {
    return `let _: fn(${this.crate}::${name}) -> ${rustFunction(this.model, signature, this.crate)} = |callback| callback;`;
  }

  private record(record: RecordModel): string[] {
    const { crate, model } = this;
    const path = `${crate}::${record.name}`;
    const bitField = record.fields.find(({ bits, name }) => bits !== undefined || name === "");
    if (bitField !== undefined) throw unsupported(`the bit-field or anonymous member of ${record.name}`);
    const names = record.fields.map(({ name }) => name);
    const types = record.fields.map(({ type }) => `&${rustType(model, type, crate)}`);
    const table = (of: (layout: RecordModel["layout"]["p8a8"]) => number): string =>
      tableOf(abiClasses.map((name) => of(record.layout[name])));
    const lines = [
      `assert_eq!(size_of::<${path}>(), ${table(({ size }) => size)});`,
      `assert_eq!(align_of::<${path}>(), ${table(({ align }) => align)});`,
      ...names.map(
        (name, index) =>
          `assert_eq!(offset_of!(${path}, ${name}), ${table(({ fields }) => fields[index]?.offset ?? 0)});`,
      ),
    ];
    const exhaustive =
      record.kind === "union"
        ? []
        : [
            "#[rustfmt::skip]",
            `#[allow(dead_code, clippy::must_use_candidate)] // Compiled, not called: the pattern names every field with its type.`,
            `fn ${snakeCase(record.name)}_fields(value: &${path}) -> (${types.map((type) => `${type},`).join(" ")}) {`,
            `    let ${path} { ${names.join(", ")} } = value;`,
            `    (${names.map((name) => `${name},`).join(" ")})`,
            "}",
            "",
          ];
    return [...this.test(`${snakeCase(record.name)}_has_the_layout_of_the_header`, lines), ...exhaustive];
  }

  private constantLines({ name, value, perClass }: ConstantModel): string[] {
    const path = `${this.crate}::${name}`;
    if (perClass !== undefined)
      throw unsupported(`the constant ${name}, whose value differs between targets,`);
    switch (value.kind) {
      case "integer":
        // A plain literal of C converts to any integer type; one with a suffix has a type to check.
        if (!value.type.startsWith("u")) return [`assert_eq!(i128::from(${path}), ${value.value});`];
        return [
          `let value: ${rustType(this.model, { kind: "integer", name: value.type }, this.crate)} = ${path};`,
          `assert_eq!(value, ${value.value});`,
        ];
      case "string":
        return [`assert_eq!(${path}, ${rustString(value.value)});`];
      case "float":
        return [
          `assert_eq!(${path}.to_bits(), (${value.text}_${value.type === "float" ? "f32" : "f64"}).to_bits());`,
        ];
      case "pointer":
        throw unsupported(`the pointer constant ${name}`);
    }
  }
}

function isUniform(record: RecordModel): boolean {
  const shapes = abiClasses.map((name) => JSON.stringify(record.layout[name]));
  return shapes.every((shape) => shape === shapes[0]);
}

function tableOf(values: readonly number[]): string {
  return values.every((value) => value === values[0]) ? `${values[0] ?? 0}` : `[${values.join(", ")}][CLASS]`;
}

function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/\W/g, "_")
    .toLowerCase();
}

function rustString(text: string): string {
  const escaped = Array.from(text, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (char === '"' || char === "\\") return `\\${char}`;
    return code >= 0x20 && code < 0x7f ? char : `\\u{${code.toString(16)}}`;
  });
  return `"${escaped.join("")}"`;
}
