// SHA-256 of files, remembered by what the file system says about them, so that a run reads nothing twice.
import { readFileSync } from "node:fs";
import { mkdir, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { sha256Of } from "./digest.ts";
import { writeWholeFile } from "./whole-file.ts";

/**
 * A change within the clock tick of the look at the file would leave the same times behind: what changed less than this
 * long ago is read again. The change time (ctime) moves with every write and cannot be set back by a program.
 */
const settledMs = 2_000;

interface Known {
  readonly state: string;
  readonly sha256: string;
}

export class FileDigests {
  readonly #store: string;
  readonly #known: Map<string, Known>;
  #changed = false;

  /** `store` is a file that may be deleted at any time; one that cannot be read counts as empty. */
  constructor(store: string) {
    this.#store = store;
    this.#known = new Map(Object.entries(readStore(store)));
  }

  /** Lower-case hex, or undefined where there is no such file. */
  async of(path: string): Promise<string | undefined> {
    const before = await stateOf(path);
    if (before === undefined) return undefined;
    const known = this.#known.get(path);
    if (known !== undefined && known.state === before.text) return known.sha256;
    const content = await readFile(path).catch(() => undefined);
    if (content === undefined) return undefined;
    const sha256 = sha256Of(content);
    if (before.settled && (await stateOf(path))?.text === before.text) {
      this.#known.set(path, { state: before.text, sha256 });
      this.#changed = true;
    }
    return sha256;
  }

  /** True where every file has the digest that is given for it. */
  async match(files: readonly { readonly path: string; readonly sha256: string }[]): Promise<boolean> {
    const digests = await Promise.all(files.map(({ path }) => this.of(path)));
    return files.every(({ sha256 }, index) => digests[index] === sha256);
  }

  async save(): Promise<void> {
    if (!this.#changed) return;
    await mkdir(dirname(this.#store), { recursive: true });
    await writeWholeFile(this.#store, `${JSON.stringify(Object.fromEntries(this.#known))}\n`);
    this.#changed = false;
  }
}

async function stateOf(
  path: string,
): Promise<{ readonly text: string; readonly settled: boolean } | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = found;
  return {
    text: [dev, ino, size, mtimeNs, ctimeNs].join(":"),
    settled: Math.abs(Date.now() - Number(ctimeMs)) > settledMs,
  };
}

function readStore(path: string): Readonly<Record<string, Known>> {
  try {
    const content: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof content === "object" && content !== null ? (content as Record<string, Known>) : {};
  } catch {
    return {};
  }
}
