// Stub libraries hold what exists at an API level, and nothing that came later.
import { describe, expect, it } from "vitest";
import { stubLibraries } from "./android-symbols.ts";

function libc(architecture: "arm" | "arm64", api: number): string {
  return stubLibraries(architecture, api).find(({ name }) => name === "libc.so")?.assembly ?? "";
}

describe("stubLibraries", () => {
  it("are the platform's four", () => {
    expect(stubLibraries("arm64", 24).map(({ name }) => name)).toEqual([
      "libc.so",
      "libm.so",
      "libdl.so",
      "liblog.so",
    ]);
  });

  it("leave out what came after the level: preadv2 is API 33, getrandom 28", () => {
    expect(libc("arm64", 24)).not.toContain(".globl getrandom\n");
    expect(libc("arm64", 28)).toContain(".globl getrandom\n");
    expect(libc("arm64", 24)).toContain(".globl pthread_create\n");
  });

  it("give each architecture its own", () => {
    expect(libc("arm", 24)).toContain(".globl __aeabi_atexit\n");
    expect(libc("arm64", 24)).not.toContain(".globl __aeabi_atexit\n");
  });

  it("tell variables from functions", () => {
    expect(libc("arm64", 24)).toContain(".type environ, %object");
    expect(libc("arm64", 24)).toContain(".type malloc, %function");
  });

  it("put every symbol under its version", () => {
    const script = stubLibraries("arm64", 24).find(({ name }) => name === "libc.so")?.versionScript ?? "";
    expect(script).toMatch(/^LIBC \{ global: .*\bmalloc;/m);
  });
});
