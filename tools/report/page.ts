// The report as one HTML page: no network, no script, readable on a phone, light and dark.
import { html, type Html } from "./html.ts";
import type { RunReport, TargetReport } from "./run-report.ts";
import { style } from "./style.ts";
import { packageList, targetDetails } from "./target-details.ts";
import {
  claimOf,
  countsOf,
  libraryBytes,
  markOf,
  markOfTarget,
  megabytes,
  seconds,
  stages,
  type Mark,
} from "./target-state.ts";

export function reportPage(run: RunReport): string {
  const { name, version } = run.project;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${name} ${version}: targets</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <header>
          <h1>${name} ${version}</h1>
          <p class="facts">
            commit <code>${run.gitCommit.slice(0, 12)}</code> · ${run.startedAt} · ${seconds(run.seconds)} ·
            ${run.host}
          </p>
          ${tiles(run)}
        </header>
        <main>
          <h2>Targets</h2>
          ${overview(run)} ${missingTargets(run)}
          <h2>Evidence</h2>
          ${run.targets.filter(({ planned }) => planned).map(targetDetails)}
          ${
            run.packages.length === 0
              ? ""
              : html`<h2>For every target</h2>
                  ${packageList(run.packages)}`
          }
          <h2>Tools</h2>
          ${tools(run)}
        </main>
      </body>
    </html> `;
  return page.text;
}

function tiles(run: RunReport): Html {
  const counts = countsOf(run);
  const entries: readonly (readonly [label: string, count: number, kind: string])[] = [
    ["passed", counts.ok, "ok"],
    ["failed", counts.failed, counts.failed > 0 ? "failed" : "open"],
    ["executed here", counts.executed, "plain"],
    ["run in an emulator", counts.emulated, "plain"],
    ["proven from bytes only", counts.structural, "plain"],
    ["not buildable here", counts.open, "open"],
  ];
  return html`<ul class="tiles">
    ${entries.map(([label, count, kind]) => html`<li class="${kind}"><b>${count}</b> ${label}</li>`)}
  </ul>`;
}

function overview({ targets }: RunReport): Html {
  const planned = targets.filter((target) => target.planned);
  return html`<div class="scroll">
    <table class="overview">
      <thead>
        <tr>
          <th>target</th>
          ${stages.map((step) => html`<th>${step}</th>`)}
          <th>ran</th>
          <th>libraries</th>
          <th>packages</th>
          <th>time</th>
        </tr>
      </thead>
      <tbody>
        ${planned.map(overviewRow)}
      </tbody>
    </table>
  </div>`;
}

function overviewRow(report: TargetReport): Html {
  const { target, packages } = report;
  const packed = packages.reduce((sum, { bytes }) => sum + bytes, 0);
  return html`<tr class="${markOfTarget(report)}">
    <th><a href="#${target.triple}">${target.triple}</a></th>
    ${stages.map((step) => html`<td data-label="${step}" class="mark">${mark(markOf(report, step))}</td>`)}
    <td data-label="ran"><span class="claim ${claimOf(report)}">${claimOf(report)}</span></td>
    <td data-label="libraries" class="number">${megabytes(libraryBytes(report))}</td>
    <td data-label="packages" class="number">${megabytes(packed)}</td>
    <td data-label="time" class="number">${seconds(report.seconds)}</td>
  </tr> `;
}

/** Shape and word besides colour. */
export function mark(value: Mark): Html {
  const marks = { ok: ["✓", "passed"], failed: ["✗", "failed"], open: ["–", "not reached"] } as const;
  const [sign, words] = marks[value];
  return html`<span class="${value}" title="${words}">${sign}</span>`;
}

function missingTargets({ targets }: RunReport): Html {
  const missing = targets.filter(({ planned }) => !planned);
  if (missing.length === 0) return html``;
  return html`<h2>Not buildable here</h2>
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

function tools({ tools }: RunReport): Html {
  return html`<div class="scroll">
    <table class="plain">
      <thead>
        <tr>
          <th>tool</th>
          <th>version</th>
          <th>from</th>
        </tr>
      </thead>
      <tbody>
        ${tools.map(
          ({ name, version, from }) =>
            html`<tr>
              <th>${name}</th>
              <td>${version}</td>
              <td>${from}</td>
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}
