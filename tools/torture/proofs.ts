// The heavy proofs, with their full size and what remains of it at a smaller scale.
import { countedClaims, countedFiles, countedInputs, countedLines, countedTests } from "./counted.ts";
import type { Need, Proof, Scale } from "./proof.ts";

/** Below this scale a proof that cannot be made shorter runs on a part of the code. */
const partBelow = 0.1;
/** Lines of the workspace that tests have to reach, per cent. */
const leastCoverage = 90;
/** Seconds of each fuzz target, and of the readers, at full size. */
const fuzzSeconds = 300;
/** Random cases of each property at full size; proptest's own default is 256. */
const propertyCases = 25_600;

const fuzzer: Need = {
  probe: { program: "cargo", args: ["fuzz", "--version"] },
  install: "cargo install cargo-fuzz --locked",
};
const miri: Need = {
  probe: { program: "cargo", args: ["+nightly", "miri", "--version"] },
  install: "rustup toolchain install nightly --component miri,rust-src",
};
const rustSource: Need = {
  probe: { program: "sh", args: ["-c", 'test -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library"'] },
  install: "rustup component add rust-src",
};
const coverage: Need = {
  probe: { program: "cargo", args: ["llvm-cov", "--version"] },
  install: "rustup component add llvm-tools && cargo install cargo-llvm-cov --locked",
};

const properties: Proof = {
  name: "properties",
  promise: "codecs and state machines hold for random packets, damage and orders",
  command: (scale) => ({
    program: "cargo",
    args: ["test", "--locked", "--release", "-p", "nnrp-core"],
    env: { PROPTEST_CASES: String(share(propertyCases, scale)) },
  }),
  needs: [],
  counted: countedTests,
};

const hostile: Proof = {
  name: "hostile",
  promise: "hostile peers in number hurt nobody but themselves, on TCP, TLS, QUIC and WebSocket",
  command: (scale) => ({
    program: "cargo",
    args: [
      ...["test", "--locked", "-p", "nnrp-conformance"],
      ...[
        "--test",
        "hostile",
        "--test",
        "hostile-tls",
        "--test",
        "hostile-quic",
        "--test",
        "hostile-websocket",
      ],
      ...["--", "--nocapture", "--test-threads=1"],
    ],
    env: { NNRP_TORTURE_SCALE: String(scale) },
  }),
  needs: [],
  counted: countedTests,
};

const soak: Proof = {
  name: "soak",
  promise:
    "sessions whose connections are lost at random moments get each result exactly once, and 31 s of silence end none",
  command: (scale) => ({
    program: "cargo",
    args: ["test", "--locked", "-p", "nnrp-conformance", "--test", "soak", "--", "--nocapture"],
    env: { NNRP_TORTURE_SCALE: String(scale) },
  }),
  needs: [],
  counted: countedTests,
};

const churn: Proof = {
  name: "churn",
  promise:
    "connections, sessions and operations in number through the C ABI leave no memory and no descriptor behind",
  command: (scale) => ({
    program: "cargo",
    args: [
      ...["test", "--locked", ...(scale < partBelow ? [] : ["--release"]), "-p", "nnrp-ffi"],
      ...["--test", "c_programs", "churn", "--", "--nocapture", "--test-threads=1"],
    ],
    env: { NNRP_TORTURE_SCALE: String(scale) },
  }),
  needs: [],
  counted: countedTests,
};

/** The standard library is instrumented, too: it would be full of races to the sanitizer otherwise. */
const races: Proof = {
  name: "races",
  promise: "the thread sanitizer finds no data race in the C ABI and what it is built on",
  command: () => ({
    program: "cargo",
    args: [
      ...["test", "--locked", "-Zbuild-std", "--target", "x86_64-unknown-linux-gnu", "-p", "nnrp-ffi"],
      ...["--lib", "--test", "abi_behaviour", "--test", "fuzz_corpus"],
    ],
    // A folder of its own, because the flag changes every crate; using the sanitizer of the pinned toolchain needs leave.
    env: { RUSTC_BOOTSTRAP: "1", RUSTFLAGS: "-Zsanitizer=thread", CARGO_TARGET_DIR: "target/races" },
  }),
  needs: [rustSource],
  counted: countedTests,
};

const interleavings: Proof = {
  name: "loom",
  promise: "what connections share, and the event queue, are right in every interleaving of their threads",
  command: () => ({
    program: "cargo",
    args: ["test", "--locked", "-p", "nnrp-runtime", "-p", "nnrp-ffi", "--lib", "model"],
    // A folder of its own, because the flag changes every crate.
    env: { RUSTFLAGS: "--cfg nnrp_loom", CARGO_TARGET_DIR: "target/loom" },
  }),
  needs: [],
  counted: countedTests,
};

const interop: Proof = {
  name: "interop",
  promise: "the published peers and ours understand each other, idle for 32 s too",
  command: (scale) => ({
    program: "cargo",
    args: [
      ...["test", "--locked", "--manifest-path", "interop/Cargo.toml"],
      ...(scale < partBelow ? [] : ["--", "--include-ignored"]),
    ],
  }),
  needs: [],
  counted: countedTests,
};

const brokenRules: Proof = {
  name: "adapter",
  promise: "a peer that breaks one rule fails the conformance cases that name it, and no other case",
  command: (scale) => ({
    program: "cargo",
    args: ["test", "--locked", "-p", "nnrp-conformance", "--test", "adapter", "groups"],
    env: { NNRP_TORTURE_SCALE: String(scale) },
  }),
  needs: [],
  counted: countedTests,
};

const readers: Proof = {
  name: "readers",
  promise: "damaged libraries are refused in time and memory that follow their size",
  command: (scale) => ({
    program: "npx",
    args: ["--no-install", "tsx", "tools/inspect/fuzz.ts", "--seconds", String(share(fuzzSeconds, scale))],
  }),
  needs: [],
  counted: countedFiles,
};

const interrupts: Proof = {
  name: "interrupts",
  promise: "a build that is killed at any moment is never taken for done, and repeats to the same bytes",
  command: (scale) => ({
    program: "npx",
    args: [
      ...["--no-install", "tsx", "tools/pipeline/interrupts.ts"],
      ...["--times", String(share(20, scale))],
    ],
  }),
  needs: [],
  counted: countedClaims,
};

/** Tests of the whole pipeline that have a longer form, asked for by a variable. */
const pipeline: Proof = {
  name: "pipeline",
  promise: "a second crate goes through all rows, and this one through all stages from a read-only checkout",
  command: (scale) => ({
    program: "npx",
    args: [
      ...["--no-install", "vitest", "run"],
      ...["tools/pipeline/second-crate.test.ts", "tools/pipeline/read-only.test.ts"],
    ],
    env: scale < partBelow ? {} : { SECOND_CRATE_TARGETS: "all", READ_ONLY_RUN: "whole" },
  }),
  needs: [],
  counted: countedClaims,
};

const undefinedBehaviour: Proof = {
  name: "miri",
  promise: "miri finds no undefined behaviour in nnrp-core and what it is built on",
  command: (scale) => ({
    program: "cargo",
    args: [
      ...["+nightly", "miri", "test", "--locked", "-p", "nnrp-core"],
      ...(scale < partBelow ? ["--lib"] : []),
      // A million steps are hours under miri, and the properties of the frame table minutes.
      ...["--", "--skip", scale < partBelow ? "frame_table" : "a_million_others"],
    ],
    // Files of vectors are read, and a case takes a thousand times as long as without miri.
    env: { MIRIFLAGS: "-Zmiri-disable-isolation", PROPTEST_CASES: String(share(16, scale)) },
  }),
  needs: [miri],
  counted: countedTests,
};

const reached: Proof = {
  name: "coverage",
  promise: `the tests reach ${leastCoverage} % of the lines`,
  command: (scale) => ({
    program: "cargo",
    args: [
      ...["llvm-cov", "--locked", ...(scale < partBelow ? ["-p", "nnrp-core"] : ["--workspace"])],
      ...["--fail-under-lines", String(leastCoverage)],
    ],
  }),
  needs: [coverage],
  counted: countedLines,
};

/** All proofs, given the fuzz targets of the checkout. */
export function proofsOf(fuzzTargets: readonly string[]): readonly Proof[] {
  return [
    properties,
    hostile,
    soak,
    churn,
    interleavings,
    races,
    interop,
    brokenRules,
    readers,
    interrupts,
    pipeline,
    ...fuzzTargets.map(fuzz),
    undefinedBehaviour,
    reached,
  ];
}

function fuzz(target: string): Proof {
  return {
    name: `fuzz-${target}`,
    promise: `no input breaks the fuzz target ${target}`,
    command: (scale) => ({
      program: "cargo",
      args: [
        ...["fuzz", "run", "--fuzz-dir", "fuzz", target],
        // What is found goes into the first folder; the committed inputs stay as they are.
        ...[foundFolder(target), `fuzz/corpus/${target}`],
        ...["--", `-max_total_time=${share(fuzzSeconds, scale)}`],
        // Short runs are for continuous integration, where the same commit has to have the same outcome.
        ...(scale < partBelow ? ["-seed=1"] : []),
      ],
      // The pinned toolchain has the sanitizer; using it only needs this leave.
      env: { RUSTC_BOOTSTRAP: "1" },
    }),
    needs: [fuzzer],
    counted: countedInputs,
  };
}

/** Where the inputs of a fuzz target that reach new code are kept; it has to exist. */
export function foundFolder(target: string): string {
  return `artifacts/fuzz/${target}`;
}

/** A share of a size, at least 1. */
function share(size: number, scale: Scale): number {
  return Math.max(1, Math.round(size * scale));
}
