// The evidence of one target: libraries, findings, runs, packages, each with what proves it.
import type { Artifact } from "../build/artifact.ts";
import type { PackageFile } from "../package/package.ts";
import type { LinkTest, SkippedRun, SmokeRun } from "../smoke/verification.ts";
import { groupFindings, type FindingGroup } from "./finding-groups.ts";
import { html, type Html } from "./html.ts";
import type { StepReport, TargetReport } from "./run-report.ts";
import { markOfTarget, megabytes, seconds } from "./target-state.ts";

/** Open where something is wrong, closed otherwise. */
export function targetDetails(report: TargetReport): Html {
  const { target, reason, steps, failure, findings, artifact, packages, verification } = report;
  const state = markOfTarget(report);
  const head = html`<summary>
    <span class="${state}">${state === "ok" ? "✓" : "✗"}</span> ${target.triple}
    <span class="claim ${verification?.claim ?? ""}">${verification?.claim ?? ""}</span>
  </summary>`;
  const body = [
    html`<p>${reason}</p>`,
    failure === undefined ? html`` : failureBox(failure.message, failure.remedy),
    part("Findings", groupFindings(findings).map(finding)),
    part("Runs", [...(verification?.runs ?? []).map(run), ...(verification?.links ?? []).map(link)]),
    part("Skipped", (verification?.skipped ?? []).map(skipped)),
    artifact === undefined ? html`` : libraries(artifact),
    packageList(packages),
    part("Stages", steps.map(step)),
  ];
  return state === "ok"
    ? html`<details id="${target.triple}">${head}${body}</details> `
    : html`<details id="${target.triple}" open>${head}${body}</details> `;
}

function part(title: string, items: readonly Html[]): Html {
  return items.length === 0
    ? html``
    : html`<h3>${title}</h3>
        <ul class="items">
          ${items}
        </ul>`;
}

function failureBox(message: string, remedy: string): Html {
  return html`<div class="box failed">
    <pre>${message}</pre>
    <p>Fix: ${remedy}</p>
  </div>`;
}

function finding({ gate, severity, file, title, fix, places, further }: FindingGroup): Html {
  return html`<li class="${severity === "error" ? "failed" : "open"}">
    <b>${gate}</b> ${severity} in <code>${file}</code>: ${title}
    ${places.map((place) => html`<br /><code>${place}</code>`)}${further === 0 ? "" : html`<br />and ${further} more places`}
    <br />Fix: ${fix}
  </li>`;
}

function run({
  client,
  claim,
  ok,
  argv,
  exitCode,
  timedOut,
  durationMs,
  library,
  passed,
  failed,
  tail,
}: SmokeRun): Html {
  const end = timedOut ? "stopped at the time limit" : `exit code ${exitCode ?? "none"}`;
  return html`<li class="${ok ? "ok" : "failed"}">
    <b>${client}</b> <span class="claim ${claim}">${claim}</span>
    ${passed} steps passed, ${failed} failed, ${end}, ${seconds(durationMs / 1000)}
    <br /><code class="command">${argv.join(" ")}</code>
    ${library === null ? "" : html`<br />loaded <code>${library.path}</code><br />SHA-256 <code class="digest">${library.sha256}</code>`}
    ${tail === undefined ? "" : html`<pre>${tail}</pre>`}
  </li>`;
}

function link({ client, ok, compiler, argv, tail }: LinkTest): Html {
  const what = ok ? "linked against the unpacked package" : "does not link against the unpacked package";
  return html`<li class="${ok ? "ok" : "failed"}">
    <b>${client}</b> ${what} by ${compiler} <br /><code class="command">${argv.join(" ")}</code
    >${tail === undefined ? "" : html`<pre>${tail}</pre>`}
  </li>`;
}

function skipped({ client, reason, remedy }: SkippedRun): Html {
  return html`<li class="open"><b>${client}</b> ${reason}<br /><code class="remedy">${remedy}</code></li>`;
}

function libraries({ libraries, provenance }: Artifact): Html {
  const { rustc, std, linker, cCompiler, sysroot, profile } = provenance;
  return html`<h3>Libraries</h3>
    <p>
      ${rustc}, std ${std}, linker ${linker}, C compiler ${cCompiler}, sysroot ${sysroot}, profile ${profile}
    </p>
    <ul class="items">
      ${libraries.map(
        ({ kind, fileName, bytes, sha256 }) =>
          html`<li>
            <b>${fileName}</b> ${kind}, ${megabytes(bytes)}<br />SHA-256 <code class="digest">${sha256}</code>
          </li>`,
      )}
    </ul>`;
}

/** Empty where there is none. */
export function packageList(packages: readonly PackageFile[]): Html {
  return part(
    "Packages",
    packages.map(
      ({ kind, fileName, bytes, sha256 }) =>
        html`<li>
          <b>${fileName}</b> ${kind}, ${megabytes(bytes)}<br />SHA-256 <code class="digest">${sha256}</code>
        </li>`,
    ),
  );
}

function step({ step: name, ok, seconds: duration, detail }: StepReport): Html {
  return html`<li class="${ok ? "ok" : "failed"}"><b>${name}</b> ${seconds(duration)} ${detail}</li>`;
}
