// Emits a call of every function with arguments that a fuzzer draws, each as the role of its parameter wants it.
import type { AbiModel, FunctionModel, ParamModel } from "../header/model.ts";
import type { Emitter } from "./emitter.ts";
import { generatedMark } from "./marked.ts";
import { rustType } from "./rust-type.ts";

export const rustCalls: Emitter = {
  name: "rust-calls",
  language: "rust",
  emit: (model, project) => {
    const path = project.generated.rustCalls;
    if (path === undefined) return [];
    return [{ path, text: callsText(model, project.crate.library.replaceAll("-", "_")) }];
  },
};

/** Older functions come first, so that a recorded input means the same calls when functions are added. */
function callsText(model: AbiModel, crate: string): string {
  const functions = model.functions.toSorted((left, right) => left.since - right.since);
  const lines = [
    `//! A call of every function of the header with arguments that are drawn from bytes: ${generatedMark}.`,
    "",
    "use super::arguments::Arguments;",
    "",
    "/// Draws the arguments of one function and calls it.",
    "pub type Call = fn(&mut Arguments<'_>);",
    "",
    "/// Every function by name, the older ones first.",
    `pub const CALLS: [(&str, Call); ${functions.length}] = [`,
    ...functions.map(({ name }) => `    ("${name}", ${name}),`),
    "];",
    ...functions.flatMap((fn) => callOf(model, fn, crate)),
  ];
  return `${lines.join("\n")}\n`;
}

function callOf(model: AbiModel, fn: FunctionModel, crate: string): string[] {
  return [
    "",
    `fn ${fn.name}(a: &mut Arguments<'_>) {`,
    ...fn.params.flatMap((param) => drawn(model, param, crate)),
    "    // SAFETY: what `Arguments` draws is NULL, or memory that lives until the next call and is as large as it says.",
    `    let returned = unsafe { ${crate}::${fn.name}(${fn.params.map(({ name }) => name).join(", ")}) };`,
    `    a.${ending(model, fn)}(returned);`,
    "}",
  ];
}

function ending(model: AbiModel, { returns }: FunctionModel): string {
  if (returns.kind === "typedef" && returns.name === model.names.status) return "end";
  return returns.kind === "pointer" ? "end_with_text" : "end_with_number";
}

/** The statements that draw an argument; a count is drawn together with what it counts. */
function drawn(model: AbiModel, param: ParamModel, crate: string): string[] {
  const { name, role } = param;
  const pointee = param.type.kind === "pointer" ? rustType(model, param.type.to, crate) : "";
  const one = (value: string): string[] => [`    let ${name} = ${value};`];
  switch (role.kind) {
    case "handle":
      return one(`a.handle("${name}")`);
    case "in":
      return one(`a.record::<${pointee}>()`);
    case "array":
      return counted(name, role.count, `a.${role.direction === "in" ? "items" : "room"}::<${pointee}>()`);
    case "text":
      return counted(name, role.size, role.direction === "in" ? "a.text()" : "a.room::<core::ffi::c_char>()");
    case "count":
      return converted(model, param, crate);
    case "out":
      return one(`a.out::<${pointee}>("${name}", ${role.alsoOnFailure})`);
    case "borrow":
      return one(`a.out::<${pointee}>("${name}", false)`);
    case "error":
      return one("a.error()");
    case "callback":
      return one("a.callback()");
    case "userData":
      return one("a.user_data()");
    case "value":
    case "other":
      return one(value(model, param, crate));
  }
}

function counted(name: string, count: string, draw: string): string[] {
  return [`    let (${name}, ${count}) = ${draw};`];
}

/** Sizes are drawn as usize. */
function converted(model: AbiModel, { name, type }: ParamModel, crate: string): string[] {
  const rust = rustType(model, type, crate);
  return rust === "usize" ? [] : [`    let ${name} = ${name} as ${rust};`];
}

function value(model: AbiModel, { name, type }: ParamModel, crate: string): string {
  if (type.kind === "pointer") return "core::ptr::null_mut()";
  // What may block gets no time for it.
  const draw = /timeout_ms$/.test(name) ? "a.moment()" : "a.number()";
  const rust = rustType(model, type, crate);
  return rust === "u64" ? draw : `${draw} as ${rust}`;
}
