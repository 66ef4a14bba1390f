// Writes constants.g.ts and status.g.ts: the constants of the headers as typed objects, and what a status means.
import { VariableDeclarationKind, type SourceFile } from "ts-morph";
import type { AbiModel, ConstantModel } from "../header/model.ts";
import { ToolError } from "../shared/errors.ts";

export function writeConstants(file: SourceFile, model: AbiModel): void {
  for (const group of model.groups) {
    const members = model.constants.filter((constant) => constant.group === group);
    if (members.length > 0) addGroup(file, groupName(group), group, members);
  }
  for (const constant of model.constants.filter(({ group }) => group === undefined)) {
    const initializer = literal(constant);
    if (initializer === undefined) continue;
    file.addVariableStatement({
      isExported: true,
      declarationKind: VariableDeclarationKind.Const,
      docs: documentation(constant),
      declarations: [{ name: constant.name, initializer }],
    });
  }
}

export function writeStatus(file: SourceFile, model: AbiModel): void {
  const statuses = groupOf(model, (name) => name === model.names.status);
  const families = groupOf(model, (name) => name.endsWith("Family"));
  addTable(file, "statusNames", "Names of the status codes.", statuses, ({ name }) => `"${name}"`);
  addTable(file, "familyNames", "Names of the families.", families, ({ name }) => `"${name}"`);
  addTable(file, "statusFamilies", "The family of each status: who has to act.", statuses, (status) =>
    familyOf(status, families),
  );
}

/** Numbers of statuses are grouped by 16: the family is the number without its low four bits. */
function familyOf(status: ConstantModel, families: readonly ConstantModel[]): string {
  const family = integer(status) >> 4n;
  if (families.some((candidate) => integer(candidate) === family)) return family.toString();
  throw new ToolError({
    code: "status-without-family",
    family: "finding",
    message: `${status.source.file}:${status.source.line}: ${status.name} is in no family`,
    remedy: "number it within the 16 numbers of its family",
  });
}

function addTable(
  file: SourceFile,
  name: string,
  doc: string,
  constants: readonly ConstantModel[],
  value: (constant: ConstantModel) => string,
): void {
  const type =
    constants.length > 0 && value(constants[0] as ConstantModel).startsWith('"') ? "string" : "number";
  file.addVariableStatement({
    isExported: true,
    declarationKind: VariableDeclarationKind.Const,
    docs: [doc],
    declarations: [
      {
        name,
        type: `Readonly<Record<number, ${type}>>`,
        initializer: (writer) =>
          writer.inlineBlock(() => {
            for (const constant of constants) writer.writeLine(`${integer(constant)}: ${value(constant)},`);
          }),
      },
    ],
  });
}

function addGroup(file: SourceFile, name: string, prefix: string, members: readonly ConstantModel[]): void {
  file.addVariableStatement({
    isExported: true,
    declarationKind: VariableDeclarationKind.Const,
    docs: [`${prefix}*`],
    declarations: [
      {
        name,
        initializer: (writer) => {
          writer.inlineBlock(() => {
            for (const member of members) {
              for (const line of documentation(member))
                writer.writeLine(`/** ${line.replaceAll("*/", "* /")} */`);
              writer.writeLine(
                `${propertyName(member.name.slice(prefix.length))}: ${literal(member) ?? "undefined"},`,
              );
            }
          });
          writer.write(" as const");
        },
      },
    ],
  });
  file.addTypeAlias({ isExported: true, name, type: `(typeof ${name})[keyof typeof ${name}]` });
}

/** NNRP_STATUS_ → NnrpStatus. */
function groupName(prefix: string): string {
  return prefix
    .toLowerCase()
    .split("_")
    .filter((word) => word !== "")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

function groupOf(model: AbiModel, wanted: (name: string) => boolean): readonly ConstantModel[] {
  const group = model.groups.find((prefix) => wanted(groupName(prefix)));
  return model.constants.filter((constant) => group !== undefined && constant.group === group);
}

function propertyName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `"${name}"`;
}

function integer(constant: ConstantModel): bigint {
  return constant.value.kind === "integer" ? BigInt(constant.value.value) : 0n;
}

/** The TypeScript literal; undefined for what JavaScript has no value for. */
function literal({ value }: ConstantModel): string | undefined {
  switch (value.kind) {
    case "integer": {
      const number = BigInt(value.value);
      const isSafe = number <= BigInt(Number.MAX_SAFE_INTEGER) && number >= BigInt(Number.MIN_SAFE_INTEGER);
      return isSafe ? number.toString() : `${number.toString()}n`;
    }
    case "float":
      return value.text;
    case "string":
      return JSON.stringify(value.value);
    case "pointer":
      return undefined;
  }
}

function documentation({ doc }: ConstantModel): string[] {
  return doc === "" ? [] : [doc.replaceAll("\n", " ")];
}
