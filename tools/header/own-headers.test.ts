// The project's own headers: one meaning on every target, and the witnesses that prove it compile as C and C++.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { project } from "../../nnrp.project.ts";
import { witness } from "../generate/c-layout.ts";
import { classWitnesses, compilerErrors, gxx } from "./compilers.ts";
import type { AbiModel } from "./model.ts";
import { readHeader } from "./read-header.ts";

const include = join(project.root, project.headers.includeDirectory);
const umbrella = project.headers.files[0] ?? "";

function model(defines: Readonly<Record<string, string>> = {}, header = umbrella, overlay = true): AbiModel {
  return readHeader({
    name: project.name,
    headers: [join(include, header)],
    includeDirectories: [include],
    ...(overlay ? { overlay: join(project.root, project.headers.overlay) } : {}),
    functionPrefix: project.headers.functionPrefix,
    defines,
  });
}

describe("the headers of the project", () => {
  const plain = model();

  it.each([
    ["64-bit Windows", { _WIN32: "1", _WIN64: "1" }],
    ["Apple", { __APPLE__: "1", __GNUC__: "4" }],
    ["C++", { __cplusplus: "201703L" }],
    ["a static library", { [project.headers.staticDefine]: "1" }],
  ])("mean the same for %s", (_, defines) => {
    expect(model(defines).hash).toBe(plain.hash);
  });

  it("mean the same for 32-bit Windows but for the named C convention", () => {
    const windows = model({ _WIN32: "1" });
    const conventions = windows.functions.map(({ convention }) => convention);
    expect(new Set(conventions)).toEqual(new Set(["cdecl"]));
    const renamed = JSON.stringify(windows.functions).replaceAll('"cdecl"', '"default"');
    expect(renamed).toBe(JSON.stringify(plain.functions));
    expect(windows.records).toEqual(plain.records);
  });

  it("each can be included alone", () => {
    for (const header of project.headers.files) expect(model({}, header, false).name).toBe(project.name);
  });

  it("declare every function in the umbrella header", () => {
    const all = project.headers.files.flatMap((header) =>
      model({}, header, false).functions.map(({ name }) => name),
    );
    expect(new Set(plain.functions.map(({ name }) => name))).toEqual(new Set(all));
  });

  for (const compiler of [...classWitnesses, gxx]) {
    it.skipIf(!compiler.isPresent)(
      `have a witness that compiles without warning: ${compiler.name} (${compiler.install})`,
      () => {
        expect(compilerErrors(compiler, witness(plain, umbrella), [`-I${include}`])).toBe("");
      },
    );
  }
});
