// The front end as one pure call: header texts in, checked model out.
import { ToolError } from "../shared/errors.ts";
import { assemble, type ClassModel } from "./assemble.ts";
import { lint } from "./lint.ts";
import { merge, type ModelIdentity } from "./merge.ts";
import type { AbiClass, AbiModel } from "./model.ts";
import type { Overlay } from "./overlay.ts";
import { parse } from "./parse.ts";
import { preprocess, type HeaderReader } from "./preprocess.ts";
import type { SourceFile } from "./source.ts";

export interface FrontEndInput {
  readonly identity: ModelIdentity;
  /** In the order in which a program would include them. */
  readonly files: readonly SourceFile[];
  readonly reader: HeaderReader;
  readonly overlay: Overlay;
  readonly defines: Readonly<Record<string, string>>;
  /** Prefix that the lint function-prefix asks for. */
  readonly functionPrefix: string;
}

/** The model of the files; throws ToolError for whatever is not understood or, by a lint, not allowed. */
export function buildModel(input: FrontEndInput): AbiModel {
  const ofClass = (abiClass: AbiClass): ClassModel => {
    const unit = preprocess(input.files, input.reader, abiClass, input.defines);
    return assemble(unit, parse(unit, abiClass), abiClass);
  };
  const classes = { p8a8: ofClass("p8a8"), p4a8: ofClass("p4a8"), p4a4: ofClass("p4a4") };
  const model = merge(classes, input.overlay, input.identity);
  refuseFindings(model, input.overlay, input.functionPrefix);
  return model;
}

function refuseFindings(model: AbiModel, overlay: Overlay, functionPrefix: string): void {
  const findings = lint(model, overlay.lints, functionPrefix);
  if (findings.length === 0) return;
  const declared = [...model.records, ...model.functions, ...model.macros];
  const lines = findings.map(({ lint: rule, name, problem, remedy }) => {
    const source = declared.find((item) => item.name === name)?.source;
    const where = source === undefined ? "" : `${source.file}:${source.line}:${source.column}: `;
    return `${where}${name} ${problem} [${rule}]; ${remedy}`;
  });
  throw new ToolError({
    code: "header-lint",
    family: "finding",
    message: lines.join("\n"),
    remedy: "change the header; which lints apply is said in the overlay file",
  });
}
