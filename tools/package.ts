// Command: packs what was built: archives for C and C++, npm packages for Node.
import { exitCodes } from "./shared/errors.ts";
import { runEntry } from "./shared/entry.ts";
import { runStage } from "./single-stage.ts";

const description =
  "Packs artifacts/<triple>/ into artifacts/packages/: an archive for C and C++ and npm packages for Node. The same input gives the same bytes.";

await runEntry(() =>
  runStage("package", description, async ({ stages, artifacts }) => {
    for (const artifact of artifacts) print((await stages.package(artifact)).result);
    print(await stages.packageShared());
    return exitCodes.ok;
  }),
);

function print(files: readonly { readonly path: string; readonly sha256: string }[]): void {
  for (const { path, sha256 } of files) process.stdout.write(`${sha256}  ${path}\n`);
}
