// Facts about reading what clients print: summaries, tails, and what Windows programs call things.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseSummary, tailOf } from "./summary.ts";
import { hostPathIn, readWineOutput } from "./wine.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "output-"))));
afterEach(() => rmSync(folder, { recursive: true }));

describe("a summary", () => {
  const line = '{"summary":{"passed":2,"failed":0,"library":"C:\\\\x\\\\a.dll"}}';

  it("is the last line, with either line ending", () => {
    const expected = { passed: 2, failed: 0, library: "C:\\x\\a.dll" };
    expect(parseSummary(`{"step":"a","ok":true}\n${line}\n`)).toEqual(expected);
    expect(parseSummary(`{"step":"a","ok":true}\r\n${line}\r\n`)).toEqual(expected);
  });

  it.each(["", "{}", '{"summary":{}}', '{"summary":{"passed":"2"}}', line.slice(0, -3), "[1]", "null"])(
    "is not read from %j",
    (output) => expect(parseSummary(output)).toBeUndefined(),
  );
});

it("a tail shows the failed step even when much came after it", () => {
  const steps = Array.from({ length: 50 }, (_, index) => `{"step":"${index}","ok":${index !== 3}}`);
  const tail = tailOf(steps.join("\n"), "last words");
  expect(tail).toContain('{"step":"3","ok":false}');
  expect(tail).toContain('{"step":"49"');
  expect(tail).toContain("last words");
  expect(tail).not.toContain('{"step":"20"');
});

describe("under Wine", () => {
  it("drive Z is this machine, other drives are links of the prefix", () => {
    expect(hostPathIn("/p", "Z:\\tmp\\a b\\x.dll")).toBe("/tmp/a b/x.dll");
    expect(hostPathIn("/p", "\\\\?\\z:\\tmp\\x.dll")).toBe("/tmp/x.dll");
    expect(hostPathIn("/p", "C:\\windows\\x.dll")).toBe("/p/dosdevices/c:/windows/x.dll");
    expect(hostPathIn("/p", "static")).toBe("static");
  });

  it("output is UTF-8 or the Western code page, and nothing where the program wrote nothing", async () => {
    const path = join(folder, "out");
    writeFileSync(path, Buffer.from("fô", "utf8"));
    expect(await readWineOutput(path)).toBe("fô");
    writeFileSync(path, Buffer.from("fô", "latin1"));
    expect(await readWineOutput(path)).toBe("fô");
    expect(await readWineOutput(join(folder, "absent"))).toBe("");
  });
});
