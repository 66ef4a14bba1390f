// Runs every gate over the libraries of one artifact.
import { readFile } from "node:fs/promises";
import type { Artifact } from "../build/artifact.ts";
import type { ArtifactFacts } from "../inspect/facts.ts";
import { sha256Of } from "../shared/digest.ts";
import { ToolError } from "../shared/errors.ts";
import type { Finding } from "./finding.ts";
import type { Subject, VerifyContext } from "./gate.ts";
import { judge, type FindingPlace } from "./judge.ts";
import type { Policy } from "./policy.ts";
import { policyOf, slicePolicies } from "./target-policy.ts";

/**
 * The findings of all gates, in the order of libraries and gates; none means that the artifact may ship.
 * `facts` holds one entry for each library of the artifact, as inspectArtifact read it from the library's path.
 */
export async function verifyArtifact(
  artifact: Artifact,
  facts: readonly ArtifactFacts[],
  context: VerifyContext,
): Promise<Finding[]> {
  const policy = policyOf(artifact.target);
  const slices = slicePolicies(artifact.target);
  const siblings = artifact.libraries.map((library) => ({ library, facts: factsOf(library.path, facts) }));
  const findings: Finding[] = [];
  for (const sibling of siblings) {
    const bytes = await readUnchanged(sibling.facts);
    const subject = { policy, ...sibling, bytes, context, siblings };
    const place = { file: sibling.library.fileName };
    findings.push(...withoutRepeats([...judge(subject, place), ...judgeSlices(subject, slices, place)]));
  }
  return findings;
}

/** Each slice of a universal file by the policy of its own target; places in the file stay what they are. */
function judgeSlices(subject: Subject, policies: readonly Policy[], place: FindingPlace): Finding[] {
  const { content } = subject.facts;
  if (content.format !== "fat") return [];
  return content.slices.flatMap(({ content: slice }) => {
    const cpu =
      slice.format === "archive" ? slice.members.find(({ object }) => object)?.object?.cpu : slice.cpu;
    const policy = policies.find((candidate) => candidate.cpu === cpu);
    if (policy === undefined) return [];
    return judge({ ...subject, policy, facts: { ...subject.facts, content: slice } }, place);
  });
}

/** What breaks a rule of the whole file is met again in its slice. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ gate, evidence }) => {
    const key = `${gate} ${evidence.offset} ${evidence.value}`;
    return !seen.has(key) && seen.add(key);
  });
}

function factsOf(path: string, facts: readonly ArtifactFacts[]): ArtifactFacts {
  const found = facts.find((entry) => entry.path === path);
  if (found !== undefined) return found;
  throw new ToolError({
    code: "library-not-inspected",
    family: "usage",
    message: `${path}: there are no facts about this library`,
    remedy: "inspect every library of the artifact before it is verified",
  });
}

/** The bytes that the facts were read from; a file that has changed since is refused. */
async function readUnchanged(facts: ArtifactFacts): Promise<Uint8Array> {
  const bytes = await readFile(facts.path);
  if (sha256Of(bytes) === facts.sha256) return bytes;
  throw new ToolError({
    code: "library-changed",
    family: "finding",
    message: `${facts.path}: has changed since it was inspected`,
    remedy: "let nothing else write to the artifact's folder, and run again",
  });
}
