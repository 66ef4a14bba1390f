// What an archive or a folder holds: members with their content, and problems in their place where there are any.

export type ContainerKind = "zip" | "tar" | "tar.gz" | "gzip" | "deb" | "directory";

export interface Container {
  readonly path: string;
  readonly kind: ContainerKind;
  /** Members and problems, in the order of the container; those of archives inside it come after the archive. */
  entries(): AsyncIterable<Member | Problem>;
}

export type MemberKind = "file" | "directory" | "symlink" | "hardlink" | "device";

export interface Member extends MemberFacts {
  readonly type: "member";
  /** Names of the archives around the member's own one, outermost first; empty in the container that was opened. */
  readonly trail: readonly string[];
  /** The content; empty for what is no file. */
  read(): Promise<Uint8Array>;
}

export interface MemberFacts {
  /** Path with forward slashes, as the container has it. */
  readonly name: string;
  readonly kind: MemberKind;
  readonly bytes: number;
  /** Where its header begins: in the archive, or in the stream that a compressed tar archive unpacks to. */
  readonly offset: number;
  /** Permission bits; undefined where the container has none. */
  readonly mode: number | undefined;
  /** Seconds since 1970; zip archives know no time zone, UTC is assumed. */
  readonly modified: number | undefined;
  readonly owner: number | undefined;
  readonly group: number | undefined;
  readonly linkTarget: string | undefined;
  /** How a zip archive stores it: 0 as it is, 8 deflated. */
  readonly stored:
    { readonly method: number; readonly compressedBytes: number; readonly dataOffset: number } | undefined;
}

export type ProblemCode =
  | "bomb"
  | "case-collision"
  | "checksum"
  | "device"
  | "duplicate-name"
  | "encrypted"
  | "link-escapes"
  | "local-header"
  | "name-absolute"
  | "name-escapes"
  | "name-not-portable"
  | "overlap"
  | "prefix"
  | "size"
  | "too-deep"
  | "too-large"
  | "too-many"
  | "trailing"
  | "unreadable"
  | "unsupported";

/** What is wrong with a container or a member; reading goes on behind it where that is possible. */
export interface Problem {
  readonly type: "problem";
  readonly code: ProblemCode;
  /** The file that was opened, then the archives inside it: "a.whl!inner.zip". */
  readonly file: string;
  readonly trail: readonly string[];
  /** Name of the member that it is about; undefined where it is about the whole. */
  readonly member: string | undefined;
  readonly offset: number;
  readonly message: string;
  readonly remedy: string;
}
