// Puts one library before all gates and turns what they see into findings.
import type { Finding, Severity } from "./finding.ts";
import type { Rule, Subject, Violation } from "./gate.ts";
import { gates } from "./gates.ts";
import type { Policy } from "./policy.ts";

/** A damaged or foreign table can break one rule thousands of times; more than this tells nobody more. */
const mostOfOneGate = 100;

/** The file on disk, and the entry of the package that it is. */
export interface FindingPlace {
  readonly file: string;
  readonly member?: string;
}

/** The findings of all gates about one library; `place` is how they name it. */
export function judge(subject: Subject, place: FindingPlace): Finding[] {
  return gates.flatMap((gate) =>
    severityOf(gate, gate, subject.policy) === "off"
      ? []
      : findingsOf(gate, subject.policy, place, gate.check(subject)),
  );
}

/** What a rule's violations, or those of its milder form, are called under a policy. */
export function severityOf(
  { id }: Rule,
  { severity }: Pick<Rule, "severity">,
  policy: Policy,
): Severity | "off" {
  const own = policy.severities[id];
  if (own !== undefined) return own;
  return policy.strict && severity === "warning" ? "error" : severity;
}

export function findingsOf(
  rule: Rule,
  policy: Policy,
  { file, member: entry }: FindingPlace,
  violations: Iterable<Violation>,
): Finding[] {
  const findings: Finding[] = [];
  for (const { member: object, section, offset, value, isMilder } of violations) {
    const member = entry === undefined || object === undefined ? (entry ?? object) : `${entry}(${object})`;
    if (findings.length === mostOfOneGate) break;
    const form = isMilder === undefined ? rule : (rule.milder ?? rule);
    const severity = severityOf(rule, form, policy);
    if (severity === "off") continue;
    findings.push({
      gate: rule.id,
      severity,
      file,
      ...(member === undefined ? {} : { member }),
      title: form.title,
      evidence: { section, offset, value },
      fix: form.fix,
    });
  }
  return findings;
}
