// Emits the page of all status and error codes: number, cause and remedy, as the header says them beside each constant.
import type { AbiModel, ConstantModel } from "../header/model.ts";
import type { Emitter } from "./emitter.ts";
import { generatedMark } from "./marked.ts";

export const errorPage: Emitter = {
  name: "error-page",
  language: "c",
  emit: (model, project) => {
    const path = project.generated.errorPage;
    return path === undefined ? [] : [{ path, text: pageText(model, project.name.toUpperCase()) }];
  },
};

function pageText(model: AbiModel, prefix: string): string {
  const named = (pattern: RegExp): ConstantModel[] =>
    model.constants.filter(({ name }) => pattern.test(name));
  const families = [...new Set(named(/_ERROR_/).map(({ name }) => name.replace(/_ERROR_.*/, "_ERROR_")))];
  return `${[
    `<!-- ${generatedMark} -->`,
    "# Status and error codes",
    `What a call returns, what an event carries as \`status\` and \`protocol_code\`, and what to do about it. The text of a
diagnosis at hand, with the place it is about, is written by \`${prefix.toLowerCase()}_error_message\`.`,
    "## Statuses",
    table(named(new RegExp(`^${prefix}_STATUS_`)), false),
    "## Families",
    "Who has to act; `family` of the diagnosis.",
    table(named(new RegExp(`^${prefix}_FAMILY_`)), false),
    "## Error codes of the protocol",
    "`protocol_code` of the diagnosis and of events. Any other 32-bit value may come from a peer, too.",
    ...families.map((family) => table(named(new RegExp(`^${family}`)), true)),
  ].join("\n\n")}\n`;
}

function table(constants: readonly ConstantModel[], isHexadecimal: boolean): string {
  return [
    "| code | number | cause | remedy |",
    "| --- | --- | --- | --- |",
    ...constants.map((constant) => row(constant, isHexadecimal)),
  ].join("\n");
}

function row({ name, value, doc }: ConstantModel, isHexadecimal: boolean): string {
  const number = value.kind === "integer" ? BigInt(value.value) : 0n;
  const shown = isHexadecimal ? `0x${number.toString(16).padStart(8, "0")}` : number.toString();
  const [cause = "", remedy = ""] = causeAndRemedy(doc.replaceAll(/\s+/g, " ").replaceAll("|", "\\|"));
  return `| \`${name}\` | ${shown} | ${sentence(cause)} | ${sentence(remedy)} |`;
}

/** "cause. Remedy: what to do", or the short "cause: what to do" of a comment beside its constant. */
function causeAndRemedy(doc: string): string[] {
  return doc.includes("Remedy: ") ? doc.split(/ ?Remedy: /) : doc.split(/[:;] (.*)/, 2);
}

/** The name of a function stays as it is. */
function sentence(text: string): string {
  const whole = text.trim().replace(/\.$/, "");
  const first = /^[a-z]+_/.test(whole) ? whole.charAt(0) : whole.charAt(0).toUpperCase();
  return whole === "" ? "" : `${first}${whole.slice(1)}.`;
}
