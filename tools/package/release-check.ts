// Says what must not be released: libraries linked over generated stubs, or built with little optimisation.
import type { Provenance } from "../build/artifact.ts";

/** What a record or a manifest says of one target's libraries. */
export interface ReleaseRecord {
  /** File that says so; inside an archive: "archive!manifest.json". */
  readonly source: string;
  readonly triple: string;
  readonly provenance: Pick<Provenance, "sysroot" | "profile">;
  /** Digests of the files that the record describes. */
  readonly sha256: readonly string[];
}

/** A file that is on its way to users. */
export interface ReleaseFile {
  readonly source: string;
  readonly sha256: string;
}

export interface Refusal {
  readonly source: string;
  readonly triple: string;
  readonly reason: string;
  readonly remedy: string;
}

/** Every record that may not be released, and every file that holds what such a record describes. */
export function releaseRefusals(
  records: readonly ReleaseRecord[],
  files: readonly ReleaseFile[] = [],
): Refusal[] {
  const refused = records.flatMap((record) => {
    const why = refusalOf(record);
    return why === undefined ? [] : [{ record, ...why }];
  });
  const named = new Set(refused.map(({ record }) => record.source.split("!")[0]));
  const carried = files.flatMap(({ source, sha256 }) => {
    const owner = refused.find(({ record }) => record.sha256.includes(sha256));
    // An archive whose own manifest is refused is named once.
    return owner === undefined || named.has(source.split("!")[0]) ? [] : [{ ...owner, source }];
  });
  return [...refused.map((refusal) => ({ ...refusal, source: refusal.record.source })), ...carried].map(
    ({ source, record, reason, remedy }) => ({ source, triple: record.triple, reason, remedy }),
  );
}

function refusalOf({ triple, provenance }: ReleaseRecord): Pick<Refusal, "reason" | "remedy"> | undefined {
  if (provenance.sysroot === "stub")
    return {
      reason: 'linked over generated stubs (sysroot "stub")',
      remedy: `build it with its platform's SDK; npm run doctor:host -- ${triple} says how to get one`,
    };
  if (provenance.profile !== "release")
    return {
      reason: `built with the profile "${provenance.profile}"`,
      remedy: `npm run matrix -- --target ${triple}`,
    };
  return undefined;
}
