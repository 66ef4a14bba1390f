// A policy that somebody wrote: JSON beside the library, laid over what the bytes or a target promise.
import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import { targets } from "../matrix/targets.ts";
import { ToolError } from "../shared/errors.ts";
import { nearestNames } from "../shared/nearest.ts";
import type { ElfPolicy, MachOPolicy, PePolicy, Policy } from "./policy.ts";
import schema from "./policy.schema.json" with { type: "json" };
import { policyOf } from "./target-policy.ts";

/** As policy.schema.json describes it; parts that are left out stay as they were inferred. */
export interface PolicyFile {
  /** Triple of the table of targets: its whole policy, strict. */
  readonly target?: string;
  /** Names that a library must export, and a shared one nothing else. */
  readonly functions?: readonly string[];
  /** Folders that no library may mention. */
  readonly buildPaths?: readonly string[];
  readonly strict?: boolean;
  readonly cpu?: string;
  readonly bits?: 32 | 64;
  readonly elf?: Partial<ElfPolicy>;
  readonly pe?: Partial<PePolicy>;
  readonly macho?: Partial<MachOPolicy>;
  readonly initializers?: number;
  readonly severities?: Policy["severities"];
}

export async function readPolicyFile(path: string): Promise<PolicyFile> {
  const value = parse(path, await readText(path));
  const validate = new Ajv2020({ allErrors: true, strict: true }).compile<PolicyFile>(schema);
  if (!validate(value)) {
    const [problem] = validate.errors ?? [];
    const where = problem?.instancePath === "" ? "the policy" : (problem?.instancePath ?? "");
    throw refused(path, `${where} ${problem?.message ?? "is not valid"}`);
  }
  targetPolicy(value, path);
  return value;
}

/** The policy by which a library is judged; `inferred` is undefined for a package as a whole. */
export function applyPolicy(file: PolicyFile, inferred: Policy | undefined): Policy {
  const base = targetPolicy(file, "the policy") ?? inferred ?? nothingAsked;
  const { elf, pe, macho } = file;
  return {
    ...base,
    ...(Object.keys(file).length === 0
      ? {}
      : { source: file.target === undefined ? "policy file" : base.source }),
    strict: file.strict ?? base.strict,
    cpu: file.cpu ?? base.cpu,
    bits: file.bits ?? base.bits,
    elf: elf === undefined ? base.elf : { ...(base.elf ?? noElf), ...elf },
    pe: pe === undefined ? base.pe : { ...(base.pe ?? noPe), ...pe },
    macho: macho === undefined ? base.macho : { ...(base.macho ?? noMachO), ...macho },
    initializers: file.initializers ?? base.initializers,
    severities: { ...base.severities, ...file.severities },
  };
}

const noElf: ElfPolicy = {
  libraries: undefined,
  libc: undefined,
  versions: {},
  pageBytes: undefined,
  androidApi: undefined,
  hardFloat: undefined,
};
const noPe: PePolicy = { libraries: undefined, minimumOs: undefined, characteristics: [] };
const noMachO: MachOPolicy = {
  platform: undefined,
  minimumOs: undefined,
  signatureRequired: false,
  fat: undefined,
};

const nothingAsked: Policy = {
  source: "nothing asked",
  strict: false,
  format: undefined,
  cpu: undefined,
  bits: undefined,
  elf: undefined,
  pe: undefined,
  macho: undefined,
  initializers: undefined,
  severities: {},
};

function targetPolicy({ target: triple }: PolicyFile, path: string): Policy | undefined {
  if (triple === undefined) return undefined;
  const target = targets.find((entry) => entry.triple === triple);
  if (target !== undefined) return policyOf(target);
  const near = nearestNames(
    triple,
    targets.map((entry) => entry.triple),
  );
  throw refused(
    path,
    `/target names no target: ${triple}${near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`}`,
  );
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw refused(path, cause instanceof Error ? cause.message : String(cause));
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(path, cause instanceof Error ? cause.message : String(cause));
  }
}

function refused(path: string, problem: string): ToolError {
  return new ToolError({
    code: "bad-policy",
    family: "usage",
    message: `${path}: ${problem}`,
    remedy: "write the policy as tools/verify/policy.schema.json says",
  });
}
