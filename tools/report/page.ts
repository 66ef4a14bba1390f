// The report as one HTML page: no network, no script, readable on a phone, light and dark.
import { buildTable } from "./build-table.ts";
import { gateGrid, gatesOf } from "./gate-grid.ts";
import { html, type Html } from "./html.ts";
import { headline, missingTargets, overview, tiles } from "./overview.ts";
import type { RunReport } from "./run-report.ts";
import { runTable } from "./run-table.ts";
import { sizeTable } from "./size-table.ts";
import { style } from "./style.ts";
import { linkList, packageList, targetDetails } from "./target-details.ts";
import { seconds } from "./target-state.ts";

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
          <h1>${name} <span class="version">${version}</span></h1>
          <p class="facts">
            commit <code>${run.gitCommit.slice(0, 12)}</code> · <time>${readableTime(run.startedAt)}</time> ·
            ${seconds(run.seconds)} · ${run.host}
          </p>
          ${headline(run)} ${tiles(run)} ${contents(run)}
        </header>
        <main>
          <h2 id="targets">Targets</h2>
          ${overview(run)} ${missingTargets(run)} ${gateGrid(run)} ${sizeTable(run)} ${runTable(run)}
          ${buildTable(run)}
          <h2 id="evidence">Evidence</h2>
          ${run.targets.filter(({ planned }) => planned).map((target) => targetDetails(target, run.previous))}
          ${
            run.packages.length === 0
              ? ""
              : html`<h2>For every target</h2>
                  ${packageList(run.packages)}${linkList(run.links)}`
          }
          <h2 id="tools">Tools</h2>
          ${tools(run)}
        </main>
      </body>
    </html> `;
  return page.text;
}

function contents(run: RunReport): Html {
  const sections: readonly (readonly [id: string, title: string, isThere: boolean])[] = [
    ["targets", "Targets", true],
    ["gates", "Gates", gatesOf(run).length > 0],
    ["sizes", "Sizes", run.targets.some(({ artifact }) => artifact !== undefined)],
    ["runs", "Runs", run.targets.some(({ verification }) => (verification?.runs.length ?? 0) > 0)],
    ["builds", "Builds", run.targets.some(({ artifact }) => artifact !== undefined)],
    ["evidence", "Evidence", true],
    ["tools", "Tools", true],
  ];
  const shown = sections.filter(([, , isThere]) => isThere);
  return html`<nav>${shown.map(([id, title]) => html`<a href="#${id}">${title}</a> `)}</nav>`;
}

/** UTC, to the minute: the seconds of a report interest nobody. */
function readableTime(iso: string): string {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(iso) ?? [];
  return day === undefined ? iso : `${day} ${time} UTC`;
}

function tools({ tools }: RunReport): Html {
  return html`<div class="scroll">
    <table class="cards">
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
              <td data-label="version">${version}</td>
              <td data-label="from">${from}</td>
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}
