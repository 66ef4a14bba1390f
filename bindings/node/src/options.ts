// Options of connections, sessions and listeners, and their way into the library.
import { lastError } from "./diagnosis.ts";
import { NnrpUsageError } from "./errors.ts";
import type { Library } from "./library.ts";
import { NnrpBytesOption, NnrpOption, NnrpStatus } from "./native/constants.g.ts";

type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/**
 * The library's options under their names of the C header: NNRP_OPTION_MAX_IN_FLIGHT as `maxInFlight`,
 * NNRP_BYTES_OPTION_ROOT_CERTIFICATES as `rootCertificates`, whose text or bytes are copied.
 */
export type LibraryOptions = {
  readonly [Key in keyof typeof NnrpOption as CamelCase<Lowercase<Key>>]?: number;
} & {
  readonly [Key in keyof typeof NnrpBytesOption as CamelCase<Lowercase<Key>>]?: string | Uint8Array;
};

/** What every call that waits takes. */
export interface WaitOptions {
  /** Ends the wait; what was asked for is cancelled. */
  readonly signal?: AbortSignal | undefined;
}

export interface EndpointOptions extends LibraryOptions, WaitOptions {
  /** File of the native library, instead of the installed one. */
  readonly nativeLibrary?: string;
}

const keys = new Map<string, number>(
  Object.entries({ ...NnrpOption, ...NnrpBytesOption }).map(([name, key]) => [
    name.toLowerCase().replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
    key,
  ]),
);

/** Names that options may have besides those of the library. */
const ownNames = new Set(["signal", "nativeLibrary", "maxWaiting", "maxBufferedResults"]);

/** Runs `use` with a handle of the options, 0 if there are none. */
export function withOptions<Result>(
  library: Library,
  options: object,
  use: (handle: number) => Result,
): Result {
  const values = Object.entries(options).filter(
    ([name, value]) => !ownNames.has(name) && value !== undefined,
  );
  if (values.length === 0) return use(0);
  const { addon, plan } = library;
  if (addon.optionsCreate(plan.out) !== NnrpStatus.OK) throw lastError(library);
  const handle = library.outNumber();
  try {
    for (const [name, value] of values) {
      if (setOption(library, handle, keyOf(name), value) !== NnrpStatus.OK) throw lastError(library);
    }
    return use(handle);
  } finally {
    addon.release(handle);
  }
}

function setOption({ addon }: Library, handle: number, key: number, value: unknown): number {
  if (typeof value === "string" || value instanceof Uint8Array) {
    const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
    return addon.optionsSetBytes(handle, key, bytes, bytes.byteLength);
  }
  return addon.optionsSetU64(handle, key, value as number);
}

function keyOf(name: string): number {
  const key = keys.get(name);
  if (key !== undefined) return key;
  throw new NnrpUsageError(`there is no option "${name}"; there are ${[...keys.keys()].join(", ")}`, {
    code: "NNRP_STATUS_INVALID_OPTION",
    status: NnrpStatus.INVALID_OPTION,
  });
}
