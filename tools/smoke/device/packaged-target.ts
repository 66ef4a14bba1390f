// What a packed archive says about itself in its manifest: enough to prove it on a machine that did not build it.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Target } from "../../matrix/target.ts";
import type { PackageFile } from "../../package/package.ts";
import { sha256Of } from "../../shared/digest.ts";
import { ToolError } from "../../shared/errors.ts";
import { unpack } from "../unpack.ts";

export interface PackagedTarget {
  readonly target: Target;
  readonly archive: PackageFile;
  readonly nativeStaticLibraries: readonly string[];
}

interface ManifestPart {
  readonly target: { readonly triple: string };
  readonly provenance: { readonly nativeStaticLibraries: readonly string[] };
  readonly files: readonly { readonly kind: string }[];
}

export async function packagedTarget(path: string, table: readonly Target[]): Promise<PackagedTarget> {
  const manifest = await readManifest(path);
  const target = table.find(({ triple }) => triple === manifest.target.triple);
  if (target === undefined)
    throw unreadable(path, `its target ${manifest.target.triple} is not in the table`);
  const packed = target.libraries.filter((kind) => manifest.files.some((file) => file.kind === kind));
  const bytes = await readFile(path);
  return {
    target: { ...target, libraries: packed },
    archive: {
      kind: "archive",
      target,
      path,
      fileName: basename(path),
      bytes: bytes.length,
      sha256: sha256Of(bytes),
    },
    nativeStaticLibraries: manifest.provenance.nativeStaticLibraries,
  };
}

async function readManifest(path: string): Promise<ManifestPart> {
  const folder = await mkdtemp(join(tmpdir(), "packaged-"));
  try {
    await unpack(path, folder).catch((cause: unknown) => {
      throw unreadable(path, cause instanceof Error ? cause.message : String(cause));
    });
    const [top = ""] = await readdir(folder);
    return parseManifest(path, await readFile(join(folder, top, "manifest.json"), "utf8").catch(() => ""));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parseManifest(path: string, text: string): ManifestPart {
  try {
    const { target, provenance, files } = JSON.parse(text) as Partial<ManifestPart>;
    if (typeof target?.triple === "string" && Array.isArray(provenance?.nativeStaticLibraries) && files)
      return { target, provenance, files };
  } catch {
    // Falls through to the same answer as a manifest without these members.
  }
  throw unreadable(path, "it holds no manifest.json of a package");
}

function unreadable(path: string, why: string): ToolError {
  return new ToolError({
    code: "no-package",
    family: "usage",
    message: `${path} cannot be tried: ${why}`,
    remedy: "name an archive that `npm run matrix` packed: artifacts/packages/<name>-<version>-<triple>.*",
  });
}
