// Emits the TypeScript side of the Node binding: identity, constants, layout, packers, event views and the addon's signature.
import { join } from "node:path/posix";
import { IndentationText, Project, QuoteKind, type SourceFile } from "ts-morph";
import type { AbiModel } from "../header/model.ts";
import type { Emitter, GeneratedFile, GenerationProject } from "./emitter.ts";
import { generatedMark } from "./marked.ts";
import { nodeBinding, type NodeBinding } from "./node-binding.ts";
import { writeAddonSignature } from "./node-module-addon.ts";
import { writeConstants, writeStatus } from "./node-module-constants.ts";
import { writeLayout, writeMemory, writePackers, writeViews } from "./node-module-records.ts";

export const nodeModuleEmitter: Emitter = { name: "node-module", language: "node", emit };

interface ModuleFile {
  readonly name: string;
  readonly purpose: string;
  readonly write: (file: SourceFile, model: AbiModel, binding: NodeBinding) => void;
}

const files: readonly ModuleFile[] = [
  {
    name: "addon.g.ts",
    purpose: "What the native addon exports, and the ABI this module was generated for",
    write: writeAddonSignature,
  },
  {
    name: "constants.g.ts",
    purpose: "The constants of the C headers as typed objects",
    write: writeConstants,
  },
  { name: "status.g.ts", purpose: "Names and families of the status codes", write: writeStatus },
  {
    name: "layout.g.ts",
    purpose: "Sizes and offsets of the structs, the same on every target",
    write: writeLayout,
  },
  { name: "memory.g.ts", purpose: "Typed access to packed memory, with range checks", write: writeMemory },
  { name: "packers.g.ts", purpose: "Writers of the structs that the library reads", write: writePackers },
  { name: "views.g.ts", purpose: "Lazy readers of the structs that the library writes", write: writeViews },
];

function emit(model: AbiModel, project: GenerationProject): readonly GeneratedFile[] {
  const binding = nodeBinding(model, project);
  const workspace = new Project({
    useInMemoryFileSystem: true,
    manipulationSettings: { indentationText: IndentationText.TwoSpaces, quoteKind: QuoteKind.Double },
  });
  return files.map(({ name, purpose, write }) => {
    const file = workspace.createSourceFile(name);
    write(file, model, binding);
    file.formatText({ indentSize: 2 });
    const head = `// ${purpose}; ${generatedMark}.\n`;
    return { path: join(project.generated.nodeModuleDirectory, name), text: head + file.getFullText() };
  });
}
