// Writes addon.g.ts: the typed signature of the native addon and the identity of the ABI.
import {
  VariableDeclarationKind,
  type OptionalKind,
  type ParameterDeclarationStructure,
  type SourceFile,
} from "ts-morph";
import type { AbiModel } from "../header/model.ts";
import {
  camelCase,
  passedArguments,
  type Argument,
  type BoundFunction,
  type NodeBinding,
} from "./node-binding.ts";

export function writeAddonSignature(file: SourceFile, model: AbiModel, binding: NodeBinding): void {
  const { major, minor, patch } = model.version ?? { major: 0, minor: 0, patch: 0 };
  file.addVariableStatement({
    isExported: true,
    declarationKind: VariableDeclarationKind.Const,
    docs: ["The ABI that this module and its addon were generated from."],
    declarations: [
      {
        name: "abi",
        initializer: (writer) => {
          writer.inlineBlock(() => {
            writer.writeLine(`major: ${major},`);
            writer.writeLine(`minor: ${minor},`);
            writer.writeLine(`patch: ${patch},`);
            writer.writeLine("/** Composed as the C headers compose it. */");
            writer.writeLine(`version: ${(major << 16) | (minor << 8) | patch},`);
            writer.writeLine("/** SHA-256 of the header model. */");
            writer.writeLine(`hash: "${model.hash}",`);
          });
          writer.write(" as const");
        },
      },
    ],
  });
  file.addTypeAlias({
    isExported: true,
    name: "Bytes",
    docs: ["Bytes that a call reads or writes: an offset into `memory`, or an array borrowed for the call."],
    type: "number | Uint8Array | null",
  });
  file.addInterface({
    isExported: true,
    name: "NativeAddon",
    docs: [
      "The addon: flat calls. Handles are numbers; `…At` are 8-byte aligned offsets into `memory`; the result is a status unless a text or number is documented. Throws TypeError or RangeError for arguments that cannot be passed on.",
    ],
    properties: [
      {
        name: "memory",
        type: "ArrayBuffer",
        isReadonly: true,
        docs: ["Pinned; starts with the slot of the error struct."],
      },
      {
        name: "modelHash",
        type: "string",
        isReadonly: true,
        docs: ["The header model the addon was generated from."],
      },
      { name: "modelVersion", type: "number", isReadonly: true, docs: ["The ABI version of that model."] },
      {
        name: "image",
        type: "string",
        isReadonly: true,
        docs: ["The loaded file, as the system reports it."],
      },
    ],
    methods: [
      {
        name: "listen",
        parameters: [{ name: "listener", type: "(queue: number) => void" }],
        returnType: "void",
        docs: ["Names the function that is called, coalesced, when a queue that was empty has events."],
      },
      {
        name: "keepAlive",
        parameters: [{ name: "wanted", type: "boolean" }],
        returnType: "void",
        docs: ["Whether the wake keeps the event loop running. Off at first."],
      },
      ...binding.functions.map(method),
    ],
  });
}

function method(bound: BoundFunction): {
  name: string;
  parameters: OptionalKind<ParameterDeclarationStructure>[];
  returnType: string;
  docs: string[];
} {
  return {
    name: bound.name,
    parameters: passedArguments(bound).map(parameter),
    returnType: bound.returns === "text" ? "string | null" : "number",
    docs: bound.model.doc === "" ? [] : [bound.model.doc],
  };
}

function parameter(argument: Argument): OptionalKind<ParameterDeclarationStructure> {
  const name = camelCase(argument.param.name);
  switch (argument.kind) {
    case "u64":
      return { name, type: "number | bigint" };
    case "items":
    case "size-out":
      return { name: `${name}At`, type: "number | null" };
    case "bytes":
      return { name, type: "Bytes" };
    case "wake":
      return { name: "wanted", type: "boolean" };
    default:
      return { name, type: "number" };
  }
}
