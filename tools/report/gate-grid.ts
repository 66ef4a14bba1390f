// The grid of targets and gates: one row for each rule, one column for each target, a mark where they meet.
import type { Target } from "../matrix/target.ts";
import { html, type Html } from "./html.ts";
import type { GateName, RunReport, TargetReport } from "./run-report.ts";

/** other: the rule is about another kind of file; open: the target was not verified. */
export type GateMark = "ok" | "error" | "warning" | "other" | "open";

/** The first word of a gate's id names the format or system it belongs to. */
const belongsTo: Readonly<Record<string, (target: Target) => boolean>> = {
  elf: ({ format }) => format === "elf",
  pe: ({ format }) => format === "pe",
  import: ({ format }) => format === "pe",
  macho: ({ format }) => format === "macho",
  wasm: ({ format }) => format === "wasm",
  glibc: ({ family }) => family === "linux-gnu",
  android: ({ family }) => family === "android",
};

export function gateMark(gate: GateName, { target, steps, findings }: TargetReport): GateMark {
  if (!steps.some(({ step }) => step === "verify")) return "open";
  const found = findings.filter((finding) => finding.gate === gate.id);
  if (found.some(({ severity }) => severity === "error")) return "error";
  if (found.length > 0) return "warning";
  const applies = belongsTo[gate.id.split("-")[0] ?? ""];
  return applies === undefined || applies(target) ? "ok" : "other";
}

/** Shape besides colour, and words for those who see neither. */
const marks: Readonly<Record<GateMark, readonly [sign: string, words: string]>> = {
  ok: ["●", "kept"],
  error: ["✗", "broken"],
  warning: ["!", "warning"],
  other: ["", "not for this kind of file"],
  open: ["·", "not verified"],
};

/** Every rule that judged any target. */
export function gatesOf({ targets }: RunReport): readonly GateName[] {
  const all = targets.flatMap(({ gates }) => gates ?? []);
  return [...new Map(all.map((gate) => [gate.id, gate])).values()];
}

export function gateGrid(run: RunReport): Html {
  const gates = gatesOf(run);
  const judged = run.targets.filter(({ planned }) => planned);
  if (gates.length === 0) return html``;
  return html`<h2 id="gates">Gates</h2>
    <p class="facts">
      ${gates.length} rules read from the bytes of every library:
      <span class="ok">●</span> kept, <span class="failed">✗</span> broken, empty where a rule is about
      another kind of file.
    </p>
    <div class="scroll">
      <table class="grid">
        <thead>
          <tr>
            <th></th>
            ${judged.map(
              ({ target }) =>
                html`<th>
                  <a href="#${target.triple}"><span>${target.triple}</span></a>
                </th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${gates.map((gate) => gridRow(gate, judged))}
        </tbody>
      </table>
    </div>`;
}

function gridRow(gate: GateName, targets: readonly TargetReport[]): Html {
  return html`<tr>
    <th title="${gate.title}">${gate.id}</th>
    ${targets.map((report) => gridCell(gate, report))}
  </tr> `;
}

function gridCell(gate: GateName, report: TargetReport): Html {
  const mark = gateMark(gate, report);
  const [sign, words] = marks[mark];
  return html`<td class="gate-${mark}" title="${report.target.triple}, ${gate.id}: ${words}">${sign}</td>`;
}
