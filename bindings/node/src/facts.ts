// Which native library is loaded, and what it says about itself.
import { loadLibrary } from "./load.ts";

export interface NativeLibraryFacts {
  /** The loaded file, as the system reports it. */
  readonly path: string;
  /** Version of the C ABI, major << 16 | minor << 8 | patch. */
  readonly abiVersion: number;
  /** SHA-256 of the header model: 64 hex digits. */
  readonly abiHash: string;
  /** JSON object with version, abi, abi_hash, protocol, git_commit, rustc, target, features. */
  readonly buildInfo: string;
  /** The hash of the model cut down to what existed at an ABI minor; null if the library is older. */
  readonly abiHashAt: (minor: number) => string | null;
}

/** Loads the library, if no call did so before, and describes it. Throws NnrpLoadError. */
export function nativeLibrary(path?: string): NativeLibraryFacts {
  const { addon } = loadLibrary(path);
  return {
    path: addon.image,
    abiVersion: addon.abiVersion(),
    abiHash: addon.abiHash() ?? "",
    buildInfo: addon.buildInfo() ?? "",
    abiHashAt: (minor) => addon.abiHashAt(minor),
  };
}
