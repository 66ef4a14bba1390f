// Failures that builders meet again and again: by what the log shows them, where they come from, and what mends them.
import { ToolError } from "./errors.ts";

export interface LikelyCause {
  /** Stable name, kebab case. */
  readonly id: string;
  readonly cause: string;
  readonly remedy: string;
}

interface KnownCause extends LikelyCause {
  readonly sign: RegExp;
}

/** From the most telling to the vaguest: a full disk also shows as a failed link. */
const knownCauses: readonly KnownCause[] = [
  {
    id: "disk-full",
    sign: /ENOSPC|No space left on device|os error 28\b|There is not enough space on the disk|Disk quota exceeded|os error 122\b/i,
    cause: "the disk is full",
    remedy: "free some gigabytes (artifacts/.work may be deleted), or write elsewhere with --output <folder>",
  },
  {
    id: "file-size-limit",
    sign: /EFBIG|File too large|os error 27\b|SIGXFSZ|signal: 25\b/i,
    cause: "a file would grow beyond the limit of this shell or file system",
    remedy: "ulimit -f unlimited, or write to another file system with --output <folder>",
  },
  {
    id: "out-of-memory",
    sign: /out of memory|Cannot allocate memory|memory allocation of \d+ bytes failed|bad_alloc|LLVM ERROR: out of memory|os error 12\b/i,
    cause: "memory ran out",
    remedy: "build fewer targets side by side: --memory 2G or --jobs 2",
  },
  {
    id: "killed",
    sign: /signal: 9\b|SIGKILL|ended with SIGKILL|\(core dumped\)? *Killed|^Killed$/im,
    cause: "the system killed a compiler; most often it had run out of memory",
    remedy: "build fewer targets side by side: --memory 2G or --jobs 2, or find out who sent the signal",
  },
  {
    id: "too-many-files",
    sign: /EMFILE|Too many open files|os error 24\b/i,
    cause: "this shell allows too few open files",
    remedy: "ulimit -n 4096, or fewer --jobs",
  },
  {
    id: "not-writable",
    sign: /EROFS|Read-only file system|os error 30\b/i,
    cause: "a folder of the run is on a read-only file system",
    remedy: "write elsewhere with --output <folder>",
  },
  {
    id: "no-permission",
    sign: /EACCES|EPERM|Permission denied|os error 13\b|Access is denied/i,
    cause: "a file may not be read, written or executed by this user",
    remedy: "look whether an earlier run as root left files: chown them back, or use --output <folder>",
  },
  {
    id: "network",
    sign: /Could not resolve host|spurious network error|failed to (?:download|fetch)|Temporary failure in name resolution|\[(?:6|7|28)\] (?:Couldn't|Could not|Timeout)|ECONNREFUSED|ETIMEDOUT/i,
    cause: "something could not be fetched",
    remedy: "check the network and the proxy; what is in the caches is enough with --offline",
  },
  {
    id: "lock-file",
    sign: /cannot update the lock file|lock file .* needs to be updated but --locked|lock file version .* requires/i,
    cause: "Cargo.lock does not fit the manifests",
    remedy: "cargo update --workspace, and commit Cargo.lock",
  },
  {
    id: "rust-too-old",
    sign: /requires rustc \d|is not supported by the following packages|E0658\b/,
    cause: "a crate needs a newer Rust, or an unstable feature",
    remedy: "raise the version in rust-toolchain.toml, or take an older version of the crate",
  },
  {
    id: "std-missing",
    sign: /can't find crate for `(?:std|core)`|E0463\b/,
    cause: "the Rust standard library of the target is not there or belongs to another Rust",
    remedy: "rustup target add <triple>, for the toolchain that rust-toolchain.toml names",
  },
  {
    id: "c-header-missing",
    sign: /fatal error: '?[\w./+-]+'?(?: file not found|: No such file or directory)/,
    cause: "a C file includes a header that the target's headers do not have",
    remedy: "use a real SDK for the target (see the plan), or leave that C code out for it",
  },
  {
    id: "c-compiler-missing",
    sign: /failed to find tool|cc-rs: .*ToolNotFound|is `\S+` installed\?|linker `[^`]+` not found/i,
    cause: "a compiler, archiver or linker that the target needs was not found",
    remedy: "npm run matrix -- --dry-run names what each target needs",
  },
  {
    id: "undefined-symbol",
    sign: /undefined (?:symbol|reference|hidden symbol)|unresolved external symbol|symbol\(s\) not found/i,
    cause: "the linker misses a function: the system library does not have it, or only at a higher level",
    remedy:
      "look which crate calls it; on Android and old glibc the function may be newer than the promised system",
  },
  {
    id: "duplicate-symbol",
    sign: /duplicate symbol|multiple definition of/i,
    cause: "two objects define the same function",
    remedy: "look for a crate that is linked twice, or for the same C file in two crates",
  },
  {
    id: "relocation-overflow",
    sign: /relocation truncated to fit|relocation \S+ out of range|recompile with -fPIC/i,
    cause: "an object was not compiled for a shared library",
    remedy: "compile the C files of the crate with -fPIC",
  },
  {
    id: "compile-error",
    sign: /^error(?:\[E\d{4}\])?: /m,
    cause: "the source does not compile for this target",
    remedy: "the place is in the lines above; cargo check --target <triple> shows it faster",
  },
];

/** The first known cause whose sign is in the text. */
export function likelyCause(text: string): LikelyCause | undefined {
  const found = knownCauses.find(({ sign }) => sign.test(text));
  return found === undefined ? undefined : { id: found.id, cause: found.cause, remedy: found.remedy };
}

/** What the operating system refused, as an error that names the file and the remedy; undefined for everything else. */
export function systemError(error: unknown): ToolError | undefined {
  if (!(error instanceof Error) || !("syscall" in error)) return undefined;
  const { id, cause, remedy } = likelyCause(error.message) ?? unusablePath;
  return new ToolError({
    code: id,
    family: "environment",
    message: `${cause}: ${error.message}`,
    remedy,
    cause: error,
  });
}

const unusablePath: LikelyCause = {
  id: "path-unusable",
  cause: "the system refused a file or folder",
  remedy: "check that the path exists, is of the right kind, and that this user may use it",
};

const shownLines = 30;

/** What a person wants of a long log: the first error with what belongs to it; else the end. */
export function relevantLines(log: string): string[] {
  const lines = log
    .trimEnd()
    .split("\n")
    .map((line) => line.trimEnd());
  const first = lines.findIndex((line) =>
    /^error\b|: (?:fatal )?error:|^thread '.*' panicked|^ld|^\S+: error/.test(line),
  );
  const from = first < 0 ? lines.length - shownLines : first;
  return lines.slice(Math.max(0, from)).slice(0, shownLines).map(shortened);
}

/** A linker's command line can be 20 kB long. */
function shortened(line: string): string {
  return line.length <= 500 ? line : `${line.slice(0, 400)} … ${line.length - 400} more characters`;
}

/** Where a compiler points to, for annotations: `  --> src/lib.rs:3:5` or `src/x.c:3:5: error: …`. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export function sourcePlace(lines: readonly string[]): SourcePlace | undefined {
  for (const line of lines) {
    const [, file, at, column] =
      /^\s*--> (.+?):(\d+):(\d+)$/.exec(line) ??
      /^([^\s:][^:]*):(\d+):(\d+): (?:fatal )?error:/.exec(line) ??
      [];
    if (file !== undefined) return { file, line: Number(at), column: Number(column) };
  }
  return undefined;
}
