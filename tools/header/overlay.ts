// The overlay file: what C cannot say about a header. Every name in it must exist; an unknown key or name is an error.
import { nearestNames } from "../shared/nearest.ts";
import { ToolError } from "../shared/errors.ts";
import { lintNames, type LintName } from "./lint-names.ts";

export interface Overlay {
  readonly names: { readonly status?: string; readonly handle?: string; readonly error?: string };
  /** Constants with the version of the ABI. */
  readonly version?: { readonly major: string; readonly minor: string; readonly patch: string };
  /** Constants that the ABI hash leaves out, since they change without the ABI changing. */
  readonly hashWithout: readonly string[];
  /** Prefixes of constants that belong together. */
  readonly groups: readonly string[];
  /** Functions that block their thread. */
  readonly blocks: readonly string[];
  /** Parameters that may be NULL or handle 0, by function; the diagnosis always may. */
  readonly nullable: Readonly<Record<string, readonly string[]>>;
  /** Out parameters that some failures write too, by function. */
  readonly alsoOnFailure: Readonly<Record<string, readonly string[]>>;
  /** ABI minor in which a declaration appeared, or as "Record.field" a field at the end of a struct, if not 0. */
  readonly since: Readonly<Record<string, number>>;
  /** Hashes of the model cut down to each earlier minor, from 0 on: callers of that minor rely on them, so they never change. */
  readonly floors: readonly string[];
  readonly lints: readonly LintName[];
}

export const emptyOverlay: Overlay = {
  names: {},
  hashWithout: [],
  groups: [],
  blocks: [],
  nullable: {},
  alsoOnFailure: {},
  since: {},
  floors: [],
  lints: [],
};

/** Parses the text of an overlay file; `file` is for messages. Names are checked against the model by checkOverlay. */
export function parseOverlay(file: string, text: string): Overlay {
  const root = new Reader(file, "", parseJson(file, text));
  const keys = [
    "about",
    "names",
    "version",
    "hashWithout",
    "groups",
    "blocks",
    "nullable",
    "alsoOnFailure",
    "since",
    "floors",
    "lints",
  ];
  root.only(keys);
  const version = root.optional("version");
  version?.only(["major", "minor", "patch"]);
  const names = root.optional("names");
  names?.only(["status", "handle", "error"]);
  return {
    names: Object.fromEntries(["status", "handle", "error"].flatMap((key) => namePair(names, key))),
    ...(version === undefined
      ? {}
      : {
          version: {
            major: version.string("major"),
            minor: version.string("minor"),
            patch: version.string("patch"),
          },
        }),
    hashWithout: root.strings("hashWithout"),
    groups: root.strings("groups"),
    blocks: root.strings("blocks"),
    nullable: root.stringsByName("nullable"),
    alsoOnFailure: root.stringsByName("alsoOnFailure"),
    since: root.numbersByName("since"),
    floors: root.strings("floors"),
    lints: root.strings("lints").map((name) => lintName(file, name)),
  };
}

function namePair(names: Reader | undefined, key: string): [string, string][] {
  return names?.has(key) === true ? [[key, names.string(key)]] : [];
}

function lintName(file: string, name: string): LintName {
  const known = lintNames.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  throw overlayError(
    file,
    `unknown lint "${name}"`,
    `use ${nearestNames(name, lintNames).join(", ") || lintNames.join(", ")}`,
  );
}

export function overlayError(file: string, problem: string, remedy: string): ToolError {
  return new ToolError({ code: "overlay", family: "finding", message: `${file}: ${problem}`, remedy });
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw overlayError(
      file,
      `no JSON: ${error instanceof Error ? error.message : String(error)}`,
      "correct the syntax",
    );
  }
}

/** Typed access to one JSON object; errors name the path of the value. */
class Reader {
  private readonly file: string;
  private readonly path: string;
  private readonly object: Readonly<Record<string, unknown>>;

  constructor(file: string, path: string, value: unknown) {
    this.file = file;
    this.path = path;
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw this.error("", "must be an object");
    this.object = value as Record<string, unknown>;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.object, key);
  }

  only(keys: readonly string[]): void {
    for (const key of Object.keys(this.object)) {
      if (keys.includes(key)) continue;
      const nearest = nearestNames(key, keys);
      throw overlayError(
        this.file,
        `unknown key "${this.at(key)}"`,
        `known are ${(nearest.length > 0 ? nearest : keys).join(", ")}`,
      );
    }
  }

  optional(key: string): Reader | undefined {
    return this.has(key) ? new Reader(this.file, this.at(key), this.object[key]) : undefined;
  }

  string(key: string): string {
    const value = this.object[key];
    if (typeof value !== "string") throw this.error(key, "must be a string");
    return value;
  }

  strings(key: string): string[] {
    return this.has(key) ? this.stringList(key, this.object[key]) : [];
  }

  stringsByName(key: string): Record<string, string[]> {
    return this.byName(key, (name, value) => this.stringList(name, value));
  }

  numbersByName(key: string): Record<string, number> {
    return this.byName(key, (name, value) => {
      if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
        throw this.error(name, "must be a whole number");
      return value;
    });
  }

  private byName<Item>(key: string, read: (name: string, value: unknown) => Item): Record<string, Item> {
    const inner = this.optional(key)?.object ?? {};
    return Object.fromEntries(
      Object.entries(inner).map(([name, value]) => [name, read(`${key}.${name}`, value)]),
    );
  }

  private stringList(key: string, value: unknown): string[] {
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
      throw this.error(key, "must be a list of strings");
    return value;
  }

  private at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  private error(key: string, problem: string): ToolError {
    return overlayError(
      this.file,
      `"${this.at(key)}" ${problem}`,
      "see the field's description in tools/header/overlay.ts",
    );
  }
}
