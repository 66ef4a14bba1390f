// What ran where: each client of each target with its runner, result and duration.
import type { SmokeRun } from "../smoke/verification.ts";
import { html, type Html } from "./html.ts";
import type { RunReport, TargetReport } from "./run-report.ts";
import { seconds } from "./target-state.ts";

export function runTable({ targets }: RunReport): Html {
  const ran = targets.filter(({ verification }) => (verification?.runs.length ?? 0) > 0);
  if (ran.length === 0) return html``;
  return html`<h2 id="runs">What ran where</h2>
    <div class="scroll">
      <table class="cards">
        <thead>
          <tr>
            <th>target</th>
            <th>client</th>
            <th>claim</th>
            <th>by</th>
            <th class="number">steps</th>
            <th class="number">time</th>
          </tr>
        </thead>
        <tbody>
          ${ran.flatMap((report) => (report.verification?.runs ?? []).map((run) => runRow(report, run)))}
        </tbody>
      </table>
    </div>`;
}

function runRow({ target }: TargetReport, run: SmokeRun): Html {
  const { client, claim, ok, runner, libraries, passed, failed, durationMs } = run;
  return html`<tr>
    <th><a href="#${target.triple}">${target.triple}</a></th>
    <td data-label="client">${client}</td>
    <td data-label="claim"><span class="claim ${claim}">${claim}</span></td>
    <td data-label="by" class="wide">
      ${runner}${libraries === undefined ? "" : html`<br /><small>${libraries}</small>`}
    </td>
    <td data-label="steps" class="number">
      <span class="${ok ? "ok" : "failed"}">${ok ? "✓" : "✗"} ${passed} of ${passed + failed}</span>
    </td>
    <td data-label="time" class="number">${seconds(durationMs / 1000)}</td>
  </tr> `;
}
