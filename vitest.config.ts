// Test runner settings: everything that is TypeScript runs under vitest, beside the file it tests.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tools/**/*.test.ts", "bindings/*/test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    globalSetup: ["tools/quality/test-folder.ts"],
  },
});
