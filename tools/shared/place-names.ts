// Takes the names of one machine's folders out of what is kept: it says where a file is in the project, not whose home it was.

/** A folder and what stands for it. */
export interface PlaceName {
  readonly folder: string;
  /** Empty for the project's own folder: what lies in it is named from there. */
  readonly name: string;
}

/** `value` with each of the folders in any of its texts replaced, the innermost first; shares nothing with `value` that is changed. */
export function withPlaceNames<T>(value: T, places: readonly PlaceName[]): T {
  const patterns = places
    .filter(({ folder }) => folder !== "" && folder !== "/")
    .sort((left, right) => right.folder.length - left.folder.length)
    .map(({ folder, name }) => ({ pattern: patternOf(folder), name }));
  return renamed(value, patterns) as T;
}

interface PlacePattern {
  readonly pattern: RegExp;
  readonly name: string;
}

function renamed(value: unknown, patterns: readonly PlacePattern[]): unknown {
  if (typeof value === "string") return patterns.reduce(withoutFolder, value);
  if (Array.isArray(value)) return value.map((item) => renamed(item, patterns));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, patterns)]));
}

function withoutFolder(text: string, { pattern, name }: PlacePattern): string {
  return text.replaceAll(pattern, (_folder, separator: string | undefined) => {
    if (separator === undefined) return name || ".";
    return name === "" ? "" : `${name}${separator}`;
  });
}

/** As POSIX writes it, as Windows does, and as JSON writes that: Wine names the same folders its own way. */
const separator = String.raw`(?:/|\\{1,2})`;

/** Only whole names of folders: /srv/ann is not the start of /srv/anna, nor the end of /mnt/srv/ann. */
function patternOf(folder: string): RegExp {
  const inAnyWriting = folder.split(/[\\/]/).map(escaped).join(separator);
  const elsewhere = String.raw`(?<![/\\][\p{L}\p{N}_.-]+)`;
  return new RegExp(`${elsewhere}${inAnyWriting}(?:(${separator})|(?!\\.*[\\p{L}\\p{N}_-]))`, "gu");
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
