// The generated asserts hold for the project's headers, and fail by name where a packaged header says otherwise.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { project } from "../../nnrp.project.ts";
import { has } from "../package/tally-fixture.ts";
import { systemProcess } from "../shared/process.ts";
import { proveLayouts } from "./layout-proof.ts";
import type { LayoutProof } from "./verification.ts";

const folder = mkdtempSync(join(tmpdir(), "layouts ä-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Proves the headers in `folder`, as if they were a package's. */
function proofs(packageDirectory: string, own = project): Promise<LayoutProof[]> {
  const cCompiler = { program: "cc", args: [], name: "cc" };
  const sliceCompilers = [{ slice: "the other", compiler: { ...cCompiler, name: "cc again" } }];
  const request = { project: own, process: systemProcess, cCompiler, sliceCompilers };
  return proveLayouts({ request, packageDirectory, workDirectory: folder });
}

describe.skipIf(!has("cc"))("the asserts on layouts (apt-get install gcc)", () => {
  it("hold for the headers of the project, by each compiler of the target", async () => {
    const found = await proofs(project.root);
    expect(found.map(({ ok, compiler, slice, tail }) => ({ ok, compiler, slice, tail }))).toEqual([
      { ok: true, compiler: "cc", slice: undefined, tail: undefined },
      { ok: true, compiler: "cc again", slice: "the other", tail: undefined },
    ]);
    expect(found[0]?.asserts).toBeGreaterThan(100);
  });

  it("name the struct that a packaged header has with another layout", async () => {
    cpSync(join(project.root, project.headers.includeDirectory), join(folder, "include"), {
      recursive: true,
    });
    const path = join(folder, "include/nnrp/nnrp_error.h");
    const text = readFileSync(path, "utf8");
    const changed = text.replace(/typedef struct NnrpError \{/, "$&\n    uint64_t added;");
    expect(changed).not.toBe(text);
    writeFileSync(path, changed);
    const [first] = await proofs(folder);
    expect(first?.ok).toBe(false);
    expect(first?.tail).toContain("NnrpError");
  });

  it("are nothing where the project generates none", async () => {
    const none = { ...project, generated: { ...project.generated, cLayout: "" } };
    expect(await proofs(project.root, none)).toEqual([]);
  });
});
