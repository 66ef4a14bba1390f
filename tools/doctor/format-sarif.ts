// The report as SARIF 2.1.0, the format that code hosts and editors read findings from.
import { isAbsolute, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { sha256Of } from "../shared/digest.ts";
import type { Finding } from "../verify/finding.ts";
import type { Rule } from "../verify/gate.ts";
import { hasNoLibrary, placeOf, summaryOf, type DoctorReport, type Unreadable } from "./report.ts";

export function formatSarif(report: DoctorReport, rules: readonly Rule[], folder: string): string {
  return `${JSON.stringify(sarifLog(report, rules, folder), undefined, 2)}\n`;
}

function sarifLog(report: DoctorReport, rules: readonly Rule[], folder: string): unknown {
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  return {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "doctor", rules: rules.map(reportingDescriptor) } },
        // Offsets are bytes; no text of the files is quoted by position.
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: report.unreadable.length === 0,
            toolExecutionNotifications: [
              ...report.unreadable.map((entry) => notification(entry, folder)),
              ...(hasNoLibrary(report) ? [nothingExamined(report)] : []),
            ],
          },
        ],
        results: report.findings.map((finding) => result(finding, indexes, folder)),
      },
    ],
  };
}

function reportingDescriptor({ id, severity, title, explanation, fix }: Rule): unknown {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: explanation },
    help: { text: `${explanation}\n\nFix: ${fix}` },
    defaultConfiguration: { level: severity },
  };
}

function result(finding: Finding, indexes: ReadonlyMap<string, number>, folder: string): unknown {
  const { gate, severity, file, member, title, evidence, fix } = finding;
  const index = indexes.get(gate);
  const inside = member === undefined ? "" : `${member}: `;
  return {
    ruleId: gate,
    ...(index === undefined ? {} : { ruleIndex: index }),
    level: severity,
    message: { text: `${inside}${title}: ${evidence.value} (${placeOf(finding)})\nFix: ${fix}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file, folder) },
          // Inside a package the offset is of the member, which has no URI of its own.
          ...(member === undefined ? { region: { byteOffset: evidence.offset, byteLength: 0 } } : {}),
        },
        ...(member === undefined
          ? {}
          : { logicalLocations: [{ fullyQualifiedName: member, kind: "member" }] }),
      },
    ],
    partialFingerprints: { "finding/v1": fingerprint(finding) },
    properties: { evidence, fix, ...(member === undefined ? {} : { member }) },
  };
}

/** The same finding in another build of the file, where offsets have moved. */
function fingerprint({ gate, file, member, evidence: { section, value } }: Finding): string {
  return sha256Of(JSON.stringify([gate, file, member, section, value]));
}

function notification({ file, code, message, fix }: Unreadable, folder: string): unknown {
  return {
    descriptor: { id: code },
    level: "error",
    message: { text: `${message}\nFix: ${fix}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file, folder) } } }],
  };
}

function nothingExamined(report: DoctorReport): unknown {
  return { descriptor: { id: "no-library" }, level: "note", message: { text: summaryOf(report) } };
}

/** Relative where the file is below the folder: code hosts match results to a checkout by that. */
function uriOf(file: string, folder: string): string {
  const inside = relative(folder, resolve(folder, file));
  if (inside.startsWith("..") || isAbsolute(inside)) return pathToFileURL(resolve(folder, file)).href;
  return inside.split(/[\\/]/).map(encodeSegment).join("/") || ".";
}

/** Half a surrogate pair, from a name that is no UTF-8, cannot be encoded. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.replaceAll(/\p{Cs}/gu, "\ufffd"));
}
