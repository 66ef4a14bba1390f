// Test runner settings: everything that is TypeScript runs under vitest, beside the file it tests.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tools/**/*.test.ts", "bindings/*/test/**/*.test.ts"],
    // Against hangs alone: tests compile, emulate and start browsers, at whatever speed the machine has left.
    testTimeout: 600_000,
    hookTimeout: 900_000,
    pool: "forks",
    globalSetup: ["tools/quality/test-folder.ts"],
  },
});
