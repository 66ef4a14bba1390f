// Unpacks a package into a folder, refusing entries that would leave it.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, normalize, sep } from "node:path";
import { unzipSync } from "fflate";
import { extract } from "tar";

export async function unpack(archive: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  if (archive.endsWith(".zip")) await unpackZip(archive, directory);
  else await extract({ file: archive, cwd: directory, strict: true });
}

async function unpackZip(archive: string, directory: string): Promise<void> {
  const files = unzipSync(await readFile(archive));
  for (const [name, bytes] of Object.entries(files)) {
    const path = normalize(join(directory, name));
    if (!path.startsWith(directory + sep))
      throw new RangeError(`${archive}: entry ${name} leaves the folder`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}
