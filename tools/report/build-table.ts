// How each target was built: where its Rust std, linker, C compiler and system libraries came from.
import { html, type Html } from "./html.ts";
import type { RunReport, TargetReport } from "./run-report.ts";
import { stdComparison } from "./std-sizes.ts";

export function buildTable({ targets }: RunReport): Html {
  const built = targets.filter(({ artifact }) => artifact !== undefined);
  if (built.length === 0) return html``;
  return html`<h2 id="builds">How it was built</h2>
    <div class="scroll">
      <table class="cards">
        <thead>
          <tr>
            <th>target</th>
            <th>Rust std</th>
            <th>linker</th>
            <th>C compiler</th>
            <th>system libraries</th>
            <th>oldest system</th>
          </tr>
        </thead>
        <tbody>
          ${built.map(buildRow)}
        </tbody>
      </table>
    </div>`;
}

function buildRow(report: TargetReport): Html {
  const { target, artifact } = report;
  const { std, slices, linker, cCompiler, sysroot } = artifact?.provenance ?? emptyProvenance;
  const comparison = artifact === undefined ? [] : stdComparison(artifact);
  return html`<tr>
    <th>${target.triple}</th>
    <td data-label="Rust std">
      ${stdText(std, slices)}${comparison.map((text) => html`<br /><small>${text}</small>`)}
    </td>
    <td data-label="linker">${linker}</td>
    <td data-label="C compiler">${cCompiler}</td>
    <td data-label="system libraries">${sysrootText(sysroot)}</td>
    <td data-label="oldest system">${oldestSystem(report)}</td>
  </tr> `;
}

const emptyProvenance = { std: "", slices: undefined, linker: "", cCompiler: "", sysroot: "" };

/** Slices of one file may have got theirs in different ways. */
function stdText(std: string, slices: readonly { readonly std: string }[] | undefined): string {
  return [...new Set(slices?.map((slice) => slice.std) ?? [std])].join(", ");
}

/** A release refuses what was linked against stubs, so it must catch the eye. */
function sysrootText(sysroot: string): Html {
  return sysroot === "stub" ? html`<span class="claim stub">stubs</span>` : html`${sysroot}`;
}

/** The newest need of any of the libraries, read from their bytes. */
export function oldestSystem({ libraries }: TargetReport): string {
  const needs = (libraries ?? []).flatMap(({ parts }) =>
    parts.flatMap(({ oldestSystem }) => oldestSystem ?? []),
  );
  return (
    [...new Set(needs)].sort((left, right) => left.localeCompare(right, "en", { numeric: true })).at(-1) ?? ""
  );
}
