// The report as one self-contained page that reads well on a phone.
import { html, type Html } from "../report/html.ts";
import { style } from "../report/style.ts";
import type { Finding } from "../verify/finding.ts";
import { byGate, counted, placeOf, summaryOf, type DoctorReport, type GateFindings } from "./report.ts";
import { visible } from "./visible.ts";

/** A page with more of one gate is slow on a phone; JSON has them all. */
const mostPlaces = 200;

export function formatHtml(report: DoctorReport): string {
  const isGood =
    report.unreadable.length === 0 && report.findings.every(({ severity }) => severity !== "error");
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Doctor: ${summaryOf(report)}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <h1>Doctor</h1>
        <p class="headline ${isGood ? "good" : "bad"}"><b>${summaryOf(report)}</b></p>
        ${tiles(report)} ${byGate(report).map(section)} ${unreadable(report)} ${examined(report)}
      </body>
    </html> `.text;
}

function tiles({ findings, examined }: DoctorReport): Html {
  const count = (severity: Finding["severity"]): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const libraries = examined.filter(({ what }) => what === "library").length;
  const errors = count("error");
  return html`<ul class="tiles">
    <li class="${errors === 0 ? "ok" : "failed"}"><b>${errors}</b>errors</li>
    <li><b>${count("warning")}</b>warnings</li>
    <li><b>${count("note")}</b>notes</li>
    <li><b>${examined.length - libraries}</b>packages</li>
    <li><b>${libraries}</b>libraries</li>
  </ul>`;
}

function section({ gate, severity, title, fix, findings }: GateFindings): Html {
  const more = findings.length - mostPlaces;
  return html`<details${severity === "error" ? html` open` : ""}>
<summary><span class="${severity === "error" ? "failed" : "open"}">${severity}</span> <code>${gate}</code> ${title} (${findings.length})</summary>
<ul class="items">${findings
    .slice(0, mostPlaces)
    .map(
      (finding) =>
        html`<li class="${severity === "error" ? "failed" : ""}">
          ${pathOf(finding)} <br /><code>${visible(placeOf(finding))}</code>:
          ${visible(finding.evidence.value)}
        </li>`,
    )}</ul>
${more > 0 ? html`<p>… and ${counted(more, "more place")}</p>` : ""}
<p><b>Fix:</b> ${fix}</p>
</details>
`;
}

function unreadable(report: DoctorReport): Html {
  if (report.unreadable.length === 0) return html``;
  return html`<h2>Not readable</h2>
    <ul class="items">
      ${report.unreadable.map(
        ({ message, fix }) =>
          html`<li class="failed">${visible(message)}<br /><b>Fix:</b> ${visible(fix)}</li>`,
      )}
    </ul>`;
}

function examined(report: DoctorReport): Html {
  const more = report.examined.length - mostPlaces;
  return html`<h2>Examined</h2>
    <table class="cards">
      <thead>
        <tr>
          <th>File</th>
          <th>Kind</th>
          <th>Platform</th>
          <th>Bytes</th>
        </tr>
      </thead>
      <tbody>
        ${report.examined.slice(0, mostPlaces).map(
          (entry) =>
            html`<tr>
              <th>${pathOf(entry)}</th>
              <td data-label="Kind">${entry.kind}</td>
              <td data-label="Platform">${entry.platform ?? ""}</td>
              <td data-label="Bytes" class="number">${entry.bytes}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${more > 0 ? html`<p>… and ${more} more</p>` : ""}`;
}

function pathOf({ file, member }: { readonly file: string; readonly member?: string }): Html {
  return html`<code>${visible(file)}</code
    >${member === undefined ? "" : html` › <code>${visible(member)}</code>`}`;
}
