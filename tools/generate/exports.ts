// Emits what linkers and readers need besides code: export lists per object format, the ABI hash, and the model itself.
import type { AbiModel } from "../header/model.ts";
import type { Emitter } from "./emitter.ts";
import { generatedMark } from "./marked.ts";

export const exportLists: Emitter = {
  name: "exports",
  language: "c",
  emit: (model, project) => {
    const { exportsDirectory: folder } = project.generated;
    const names = exportedNames(model);
    const file = (extension: string, text: string): { path: string; text: string } => {
      return { path: `${folder}/${project.crate.library}.${extension}`, text };
    };
    return [
      file("map", versionScript(names)),
      file("def", moduleDefinition(names)),
      file("exported_symbols", machOList(names)),
      { path: `${folder}/abi-hash.txt`, text: model.hash },
      ...model.floors.map((text, minor) => ({ path: `${folder}/abi-hash-${minor}.txt`, text })),
    ];
  },
};

export const abiModelFile: Emitter = {
  name: "abi-model",
  language: "all",
  emit: (model, project) => {
    const { format, ...rest } = model;
    const text = JSON.stringify({ format, mark: generatedMark, ...rest }, null, 2);
    return [{ path: project.generated.abiModel, text: `${text}\n` }];
  },
};

function exportedNames(model: AbiModel): string[] {
  return [...model.functions, ...model.variables].map(({ name }) => name).sort();
}

/** GNU ld and lld: everything else stays local. */
function versionScript(names: readonly string[]): string {
  const list = names.map((name) => `    ${name};\n`).join("");
  return `/* Exported symbols of ELF libraries: ${generatedMark}. */\n{\n  global:\n${list}  local:\n    *;\n};\n`;
}

/** PE: plain names, also on 32-bit Windows, where __cdecl adds its underscore in the object file only. */
function moduleDefinition(names: readonly string[]): string {
  return `; Exported symbols of Windows libraries: ${generatedMark}.\nEXPORTS\n${names.map((name) => `    ${name}\n`).join("")}`;
}

/** Mach-O: C names carry a leading underscore. */
function machOList(names: readonly string[]): string {
  return `# Exported symbols of Apple libraries: ${generatedMark}.\n${names.map((name) => `_${name}\n`).join("")}`;
}
