// Everything the repository promises, in the order it is checked: cheap and clear first.
import { countCargo, countVitest, type KeptPromise } from "./promise.ts";
import { bareTargets } from "./rust-components.ts";

const npx = (name: string, remedy: string, ...args: string[]): KeptPromise => ({
  name,
  command: { program: "npx", args: ["--no-install", ...args] },
  remedy,
});

const cargo = (name: string, remedy: string, ...args: string[]): KeptPromise => ({
  name,
  command: { program: "cargo", args },
  remedy,
});

/** Checks that need no test runner. */
export const checks: readonly KeptPromise[] = [
  npx("TypeScript and JSON are formatted", "npm run format", "prettier", "--check", "--log-level=warn", "."),
  cargo("Rust is formatted", "cargo fmt --all", "fmt", "--all", "--check"),
  npx("types hold", "npx tsc -p .", "tsc", "-p", "."),
  npx("types of the web package hold", "npx tsc -p bindings/wasm", "tsc", "-p", "bindings/wasm"),
  npx("lint rules hold", "npm run lint", "eslint", "tools", "bindings/node", "bindings/wasm"),
  npx("invariants of ARCHITECTURE.md hold", "npx tsx tools/tidy.ts", "tsx", "tools/tidy.ts"),
  npx("generated bindings are fresh", "npm run generate", "tsx", "tools/header-to-ts.ts", "--check"),
  npx(
    "docs/gates.md is fresh",
    "npx tsx tools/doctor/catalogue.ts",
    "tsx",
    "tools/doctor/catalogue.ts",
    "--check",
  ),
  npx("generated workflow is fresh", "npx tsx tools/workflow.ts", "tsx", "tools/workflow.ts", "--check"),
  cargo(
    "nnrp-core builds without std, and for WebAssembly",
    "rustup target add thumbv7em-none-eabihf wasm32-unknown-unknown",
    "check",
    "--locked",
    "--quiet",
    "--package",
    "nnrp-core",
    ...bareTargets.flatMap((target) => ["--target", target]),
  ),
  cargo(
    "clippy finds nothing",
    "cargo clippy --workspace --all-targets",
    "clippy",
    "--locked",
    "--workspace",
    "--all-targets",
    "--quiet",
    "--",
    "-D",
    "warnings",
  ),
];

/** Test suites, counted one by one. */
export const suites: readonly KeptPromise[] = [
  { ...cargo("Rust tests", "cargo test --workspace", "test", "--locked", "--workspace"), count: countCargo },
  {
    ...cargo(
      "interoperability with the published peers",
      "cargo test --manifest-path interop/Cargo.toml",
      "test",
      "--locked",
      "--manifest-path",
      "interop/Cargo.toml",
    ),
    count: countCargo,
  },
  { ...npx("TypeScript tests", "npx vitest run", "vitest", "run"), count: countVitest },
];
