// The first screen of the report: is everything well, in one line, in numbers, and target by target.
import { html, type Html } from "./html.ts";
import type { RunReport, TargetReport } from "./run-report.ts";
import {
  claimOf,
  countsOf,
  libraryBytes,
  markOf,
  markOfTarget,
  megabytes,
  releaseObstacle,
  seconds,
  stages,
  type Mark,
} from "./target-state.ts";

export function headline(run: RunReport): Html {
  const { ok, failed, open } = countsOf(run);
  const built = ok + failed;
  const text =
    failed > 0
      ? `${failed} of ${built} targets failed`
      : built === 0
        ? "No target was built"
        : `All ${built} targets passed`;
  const rest = open > 0 ? html` · ${open} cannot be built here` : html``;
  const obstacle = releaseObstacle(run);
  return html`<p class="headline ${failed > 0 ? "bad" : built === 0 ? "none" : "good"}">
      <b>${text}</b>${rest}
    </p>
    ${obstacle === undefined ? "" : html`<p class="obstacle">${obstacle}</p>`}`;
}

export function tiles(run: RunReport): Html {
  const counts = countsOf(run);
  const entries: readonly (readonly [label: string, count: number, kind: string])[] = [
    ["passed", counts.ok, "ok"],
    ["failed", counts.failed, counts.failed > 0 ? "failed" : "plain"],
    ["executed", counts.executed, "plain"],
    ["emulated", counts.emulated, "plain"],
    ["from bytes only", counts.structural, "plain"],
    ["not built here", counts.open, "plain"],
  ];
  return html`<ul class="tiles">
    ${entries.map(([label, count, kind]) => html`<li class="${kind}"><b>${count}</b>${label}</li>`)}
  </ul>`;
}

const familyNames: Readonly<Record<string, string>> = {
  "linux-gnu": "Linux (glibc)",
  "linux-musl": "Linux (musl)",
  "windows-gnullvm": "Windows (UCRT)",
  "windows-msvc": "Windows (MSVC)",
  macos: "macOS",
  ios: "iOS",
  android: "Android",
  web: "Web",
};

export function overview({ targets }: RunReport): Html {
  const planned = targets.filter((target) => target.planned);
  const families = [...new Set(planned.map(({ target }) => target.family))];
  return html`<div class="scroll">
    <table class="overview">
      <thead>
        <tr>
          <th>target</th>
          ${stages.map((step) => html`<th class="mark">${step}</th>`)}
          <th>ran</th>
          <th class="number">libraries</th>
          <th class="number">packages</th>
          <th class="number">time</th>
        </tr>
      </thead>
      ${families.map((family) => {
        const rows = planned.filter(({ target }) => target.family === family);
        return html`<tbody>
          <tr class="family">
            <th colspan="${stages.length + 5}">${familyNames[family] ?? family}</th>
          </tr>
          ${rows.map(overviewRow)}
        </tbody>`;
      })}
    </table>
  </div>`;
}

function overviewRow(report: TargetReport): Html {
  const { target, packages, steps } = report;
  const packed = packages.reduce((sum, { bytes }) => sum + bytes, 0);
  // What the steps took when they ran: a run that found everything unchanged took no time.
  const spent = steps.reduce((sum, step) => sum + step.seconds, 0);
  return html`<tr class="${markOfTarget(report)}">
    <th><a href="#${target.triple}">${target.triple}</a></th>
    ${stages.map((step) => html`<td data-label="${step}" class="mark">${mark(markOf(report, step))}</td>`)}
    <td data-label="ran" class="${claimOf(report) === "" ? "none" : "ran"}">
      <span class="claim ${claimOf(report)}">${claimOf(report)}</span>
    </td>
    <td data-label="libraries" class="number">${megabytes(libraryBytes(report))}</td>
    <td data-label="packages" class="number">${megabytes(packed)}</td>
    <td data-label="time" class="number">${seconds(spent)}</td>
  </tr> `;
}

/** Shape and word besides colour. */
function mark(value: Mark): Html {
  const marks = { ok: ["✓", "passed"], failed: ["✗", "failed"], open: ["–", "not reached"] } as const;
  const [sign, words] = marks[value];
  return html`<span class="${value}" title="${words}">${sign}</span>`;
}

export function missingTargets({ targets }: RunReport): Html {
  const missing = targets.filter(({ planned }) => !planned);
  if (missing.length === 0) return html``;
  return html`<h2>Not built here</h2>
    <dl class="missing">
      ${missing.map(
        ({ target, reason, remedy }) =>
          html`<dt><code>${target.triple}</code></dt>
            <dd>
              ${reason}${remedy === undefined ? "" : html`<br /><code class="remedy">${remedy}</code>`}
            </dd> `,
      )}
    </dl>`;
}
