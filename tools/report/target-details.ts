// The evidence of one target: libraries, findings, runs, packages, each with what proves it.
import type { Artifact, BuiltLibrary } from "../build/artifact.ts";
import type { PackageFile } from "../package/package.ts";
import type { Limit, LayoutProof, LinkTest, SkippedRun, SmokeRun } from "../smoke/verification.ts";
import { groupFindings, type FindingGroup } from "./finding-groups.ts";
import { html, type Html } from "./html.ts";
import type { LibraryPart } from "./library-summary.ts";
import { growth, symbolChange, type PreviousRelease, type SymbolChange } from "./previous-release.ts";
import type { StepReport, TargetFailure, TargetReport } from "./run-report.ts";
import { differenceText } from "./size-table.ts";
import { markOfTarget, megabytes, seconds } from "./target-state.ts";

/** Open where something is wrong, closed otherwise. */
export function targetDetails(report: TargetReport, previous: PreviousRelease | undefined): Html {
  const { target, reason, steps, failure, findings, artifact, packages, verification } = report;
  const state = markOfTarget(report);
  const head = html`<summary>
    <span class="${state}">${state === "ok" ? "✓" : "✗"}</span> ${target.triple}
    <span class="claim ${verification?.claim ?? ""}">${verification?.claim ?? ""}</span>
  </summary>`;
  const body = [
    html`<p>${reason}</p>`,
    failure === undefined ? html`` : failureBox(failure),
    part("Findings", groupFindings(findings).map(finding)),
    part("Runs", [...(verification?.runs ?? []).map(run), ...(verification?.links ?? []).map(link)]),
    part("Layouts", (verification?.layouts ?? []).map(layout)),
    part("Skipped", (verification?.skipped ?? []).map(skipped)),
    part("Without a run", (verification?.limits ?? []).map(limit)),
    artifact === undefined ? html`` : libraryList(artifact, report, previous),
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

function failureBox({ message, lines, cause, remedy, log }: TargetFailure): Html {
  return html`<div class="box failed">
    <p>${message}</p>
    ${lines === undefined ? "" : html`<pre>${lines.join("\n")}</pre>`}
    ${cause === undefined ? "" : html`<p>Likely cause: ${cause}</p>`}
    <p>Fix: ${remedy}</p>
    ${log === undefined ? "" : html`<p class="facts">Log: <code>${log}</code></p>`}
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
  runner,
  libraries,
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
    <br />${runner}${libraries === undefined ? "" : `, ${libraries}`} <br /><code class="command"
      >${argv.join(" ")}</code
    >
    ${library === null ? "" : html`<br />loaded <code>${library.path}</code><br />SHA-256 <code class="digest">${library.sha256}</code>`}
    ${tail === undefined ? "" : html`<pre>${tail}</pre>`}
  </li>`;
}

function link({ client, ok, compiler, functions, slice, argv, durationMs, tail }: LinkTest): Html {
  const program = `${slice === undefined ? "" : `for ${slice}, `}a program that names all ${functions} functions`;
  const what = `${program} ${ok ? "links" : "does not link"} against the unpacked package`;
  return html`<li class="${ok ? "ok" : "failed"}">
    <b>${client}</b> ${what} by ${compiler}, ${seconds(durationMs / 1000)}<br /><code class="command"
      >${argv.join(" ")}</code
    >${tail === undefined ? "" : html`<pre>${tail}</pre>`}
  </li>`;
}

function layout({ ok, compiler, asserts, slice, argv, durationMs, tail }: LayoutProof): Html {
  const outcome = ok ? "hold" : "do not hold";
  return html`<li class="${ok ? "ok" : "failed"}">
    ${asserts} asserts on the header ${outcome}${slice === undefined ? "" : ` for ${slice}`} by ${compiler},
    ${seconds(durationMs / 1000)}<br /><code class="command">${argv.join(" ")}</code
    >${tail === undefined ? "" : html`<pre>${tail}</pre>`}
  </li>`;
}

function skipped({ client, reason, remedy }: SkippedRun): Html {
  return html`<li class="open"><b>${client}</b> ${reason}<br /><code class="remedy">${remedy}</code></li>`;
}

function limit({ subject, reason }: Limit): Html {
  return html`<li class="open"><b>${subject}</b>: ${reason}</li>`;
}

function libraryList(
  { libraries, provenance }: Artifact,
  report: TargetReport,
  previous: PreviousRelease | undefined,
): Html {
  const { rustc, std, linker, cCompiler, sysroot, profile } = provenance;
  return html`<h3>Libraries</h3>
    <p>
      ${rustc}, std ${std}, linker ${linker}, C compiler ${cCompiler}, sysroot ${sysroot}, profile ${profile}
    </p>
    <ul class="items">
      ${libraries.map((library) => libraryItem(library, report, previous))}
    </ul>`;
}

function libraryItem(
  { kind, fileName, bytes, sha256 }: BuiltLibrary,
  { target, libraries }: TargetReport,
  previous: PreviousRelease | undefined,
): Html {
  const summary = libraries?.find((library) => library.fileName === fileName);
  const grown = growth(previous, target.triple, kind, bytes);
  return html`<li>
    <b>${fileName}</b> ${kind}, ${megabytes(bytes)}${grown === undefined ? "" : `, ${differenceText(grown)}`}
    ${(summary?.parts ?? []).map((part) => libraryPart(part, symbolChange(previous, target.triple, kind, part.exports ?? [])))}
    <br />SHA-256 <code class="digest">${sha256}</code>
  </li>`;
}

function libraryPart(
  { format, cpu, name, exports, dependencies, oldestSystem, members }: LibraryPart,
  change: SymbolChange | undefined,
): Html {
  const facts = [
    `${format} ${cpu}`,
    ...(name === undefined ? [] : [`called ${name}`]),
    ...(oldestSystem === undefined ? [] : [`from ${oldestSystem} on`]),
    ...(members === undefined ? [] : [`${members} object files`]),
  ];
  return html`<br />${facts.join(", ")}
    ${dependencies === undefined ? "" : html`<br />needs ${dependencies.length === 0 ? "nothing" : html`<code>${dependencies.join(" ")}</code>`}`}
    ${exports === undefined ? "" : symbols(exports)}
    ${change === undefined ? "" : html`${changed("added", change.added)}${changed("removed", change.removed)}`}`;
}

function symbols(exports: readonly string[]): Html {
  if (exports.length === 0) return html`<br />offers no symbol`;
  return html`<br />offers ${exports.length} ${exports.length === 1 ? "symbol" : "symbols"}:
    <code class="names">${exports.join(" ")}</code>`;
}

function changed(what: string, names: readonly string[]): Html {
  return names.length === 0 ? html`` : html`<br />${what}: <code>${names.join(" ")}</code>`;
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

/** Of packages that hold several targets' libraries. Empty where there is none. */
export function linkList(links: readonly LinkTest[]): Html {
  return part("Links", links.map(link));
}

function step({ step: name, ok, seconds: duration, reused, detail }: StepReport): Html {
  return html`<li class="${ok ? "ok" : "failed"}">
    <b>${name}</b> ${seconds(duration)}${reused ? " when it ran, unchanged since" : ""} ${detail}
  </li>`;
}
