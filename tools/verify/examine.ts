// Examines any library, package or folder of these: what was found, what is wrong with it, and where.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { ArtifactFacts } from "../inspect/facts.ts";
import { inspectBytes } from "../inspect/inspect.ts";
import { isContainer } from "../container/open.ts";
import type { Finding } from "./finding.ts";
import type { Sibling, VerifyContext } from "./gate.ts";
import { inferPolicy } from "./infer-policy.ts";
import { findingsOf, judge, severityOf } from "./judge.ts";
import { platformName, platformOf } from "./library-platform.ts";
import { libraryKind } from "./library-role.ts";
import { openUnits, placeOfEntry, type OpenedUnit } from "./open-units.ts";
import { packageGates } from "./package-gates.ts";
import { applyPolicy, type PolicyFile } from "./policy-file.ts";
import type { Policy } from "./policy.ts";

export interface Examination {
  readonly findings: readonly Finding[];
  readonly examined: readonly Examined[];
}

/** One library or package that was looked at. */
export interface Examined {
  readonly file: string;
  readonly member?: string;
  readonly what: "library" | "package";
  /** "elf dynamic", "zip"; for a person. */
  readonly kind: string;
  /** Processor, system and C library of a library. */
  readonly platform?: string;
  readonly bytes: number;
  readonly sha256?: string;
  /** Where the policy came from. */
  readonly policy?: string;
}

/**
 * Looks at the file or folder at `path` and at everything inside it. Throws ToolError where `path` itself cannot be
 * read as anything; what cannot be read inside it is a finding.
 */
export async function examine(path: string, policy: PolicyFile = {}): Promise<Examination> {
  const found = (await isContainer(path))
    ? await examineUnits(path, policy)
    : await examineFile(path, policy);
  return {
    findings: found.flatMap(({ findings }) => findings),
    examined: found.flatMap(({ examined }) => examined),
  };
}

async function examineFile(path: string, policyFile: PolicyFile): Promise<Examination[]> {
  const bytes = await readFile(path);
  const facts = inspectBytes(path, bytes);
  const fileName = basename(path);
  const sibling: Sibling = { library: { kind: libraryKind(fileName, facts), fileName }, facts };
  return [examineLibrary({ file: path }, { ...sibling, bytes }, [sibling], policyFile)];
}

async function examineUnits(path: string, policyFile: PolicyFile): Promise<Examination[]> {
  const units = await openUnits(path);
  return units.flatMap((opened) => [
    examinePackage(path, opened, policyFile),
    ...opened.unit.libraries.map((packaged) =>
      examineLibrary(
        placeOfEntry(path, opened, packaged.entry.path),
        packaged,
        opened.unit.libraries,
        policyFile,
      ),
    ),
  ]);
}

function examinePackage(path: string, opened: OpenedUnit, policyFile: PolicyFile): Examination {
  const { unit } = opened;
  const policy = applyPolicy(policyFile, undefined);
  const findings = packageGates.flatMap((gate) => {
    if (severityOf(gate, gate, policy) === "off") return [];
    return [...gate.check(unit)].flatMap(({ path: entryPath, ...evidence }) =>
      findingsOf(gate, policy, placeOfEntry(path, opened, entryPath), [evidence]),
    );
  });
  const bytes = unit.entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const place = placeOfEntry(path, opened, undefined);
  return {
    findings,
    examined: [{ ...place, what: "package", kind: `${unit.entries.length} entries`, bytes }],
  };
}

interface Opened extends Sibling {
  readonly bytes: Uint8Array;
}

function examineLibrary(
  place: { readonly file: string; readonly member?: string },
  { library, facts, bytes }: Opened,
  siblings: readonly Sibling[],
  policyFile: PolicyFile,
): Examination {
  const policy: Policy = applyPolicy(policyFile, inferPolicy({ library, facts }, siblings));
  const context: VerifyContext = { functions: policyFile.functions, buildPaths: policyFile.buildPaths ?? [] };
  const findings = judge({ policy, library, facts, bytes, context, siblings }, place);
  return { findings, examined: [describe(place, library.kind, facts, policy)] };
}

function describe(
  place: { readonly file: string; readonly member?: string },
  kind: string,
  facts: ArtifactFacts,
  policy: Policy,
): Examined {
  return {
    ...place,
    what: "library",
    kind: `${facts.content.format} ${kind}`,
    platform: platformName(platformOf(facts)),
    bytes: facts.bytes,
    sha256: facts.sha256,
    policy: policy.source,
  };
}
