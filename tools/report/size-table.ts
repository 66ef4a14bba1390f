// Sizes of libraries and packages, with the difference to the previous release.
import { html, type Html } from "./html.ts";
import { growth, type PreviousRelease } from "./previous-release.ts";
import type { RunReport, TargetReport } from "./run-report.ts";
import { megabytes } from "./target-state.ts";

const columns = [
  ["dynamic", "shared"],
  ["static", "static"],
  ["import", "import"],
  ["addon", "addon"],
  ["archive", "archive"],
  ["npm-platform", "npm"],
  ["npm-web", "npm"],
] as const;

export function sizeTable(run: RunReport): Html {
  const rows = run.targets.map((report) => ({ report, sizes: sizesOf(report) }));
  const shown = rows.filter(({ sizes }) => sizes.size > 0);
  if (shown.length === 0) return html``;
  const used = columns.filter(([kind]) => shown.some(({ sizes }) => sizes.has(kind)));
  return html`<h2 id="sizes">Sizes</h2>
    <p class="facts">
      Megabytes of 10<sup>6</sup> bytes.
      ${run.previous === undefined ? "" : html`Differences are to ${run.previous.version} (<code>${run.previous.gitCommit.slice(0, 12)}</code>).`}
    </p>
    <div class="scroll">
      <table class="cards">
        <thead>
          <tr>
            <th>target</th>
            ${used.map(([, label]) => html`<th class="number">${label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map(({ report, sizes }) => sizeRow(report, sizes, used, run.previous))}
        </tbody>
      </table>
    </div>`;
}

function sizesOf({ artifact, packages }: TargetReport): Map<string, number> {
  const files = [...(artifact?.libraries ?? []), ...packages];
  const sizes = new Map<string, number>();
  for (const { kind, bytes } of files) sizes.set(kind, (sizes.get(kind) ?? 0) + bytes);
  return sizes;
}

function sizeRow(
  { target }: TargetReport,
  sizes: ReadonlyMap<string, number>,
  used: readonly (readonly [kind: string, label: string])[],
  previous: PreviousRelease | undefined,
): Html {
  return html`<tr>
    <th><a href="#${target.triple}">${target.triple}</a></th>
    ${used.map(([kind, label]) => {
      const bytes = sizes.get(kind);
      if (bytes === undefined) return html`<td class="none"></td>`;
      return html`<td data-label="${label}" class="number">
        ${megabytes(bytes)} ${difference(growth(previous, target.triple, kind, bytes), bytes)}
      </td>`;
    })}
  </tr> `;
}

/** Below a kilobyte of growth nobody looks; a tenth more is worth a colour. */
function difference(grown: number | undefined, bytes: number): Html {
  if (grown === undefined) return html``;
  const kind = grown > (bytes - grown) / 10 ? "failed" : grown < 0 ? "ok" : "same";
  return html`<small class="${kind}">${differenceText(grown)}</small>`;
}

export function differenceText(grown: number): string {
  if (Math.abs(grown) < 1000) return "±0";
  const size = Math.abs(grown) < 1e6 ? `${Math.round(Math.abs(grown) / 1e3)} kB` : megabytes(Math.abs(grown));
  return `${grown > 0 ? "+" : "−"}${size}`;
}
