// Takes the names of one machine's folders out of a report: what is published says where a file is in the project, not whose home it was.

/** A folder and what stands for it, longest first where one lies in the other. */
export interface PlaceName {
  readonly folder: string;
  /** Empty for the project's own folder: what lies in it is named from there. */
  readonly name: string;
}

/** `value` with each of the folders in any of its texts replaced; shares nothing with `value` that is changed. */
export function withPlaceNames<T>(value: T, places: readonly PlaceName[]): T {
  return renamed(value, places) as T;
}

function renamed(value: unknown, places: readonly PlaceName[]): unknown {
  if (typeof value === "string") return places.reduce(withoutFolder, value);
  if (Array.isArray(value)) return value.map((item) => renamed(item, places));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renamed(item, places)]));
}

/** Only whole names of folders: /home/ann is not the start of /home/anna. */
function withoutFolder(text: string, { folder, name }: PlaceName): string {
  if (folder === "" || folder === "/") return text;
  const inside = name === "" ? "" : `${name}/`;
  return text
    .replaceAll(`${folder}/`, inside)
    .replaceAll(new RegExp(`${escaped(folder)}(?![\\w.-])`, "g"), name || ".");
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
