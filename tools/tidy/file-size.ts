// Rule: a source file stays readable: 300 lines are the aim, 800 the end.
import type { TidyRule } from "./tree.ts";

const failAbove = 800;

/** Tables and generated files, each with its reason. */
const exempt: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /\.g\.|\/src\/native\/|crates\/nnrp-ffi\/tests\/abi\.rs$/, reason: "generated" },
];

export const fileSizeRule: TidyRule = {
  name: "file-size",
  promise: `no source file is longer than ${failAbove} lines`,
  check(tree) {
    return tree.files
      .filter((file) => /\.(rs|ts|mjs|c|h|cs|py)$/.test(file.path))
      .filter((file) => !exempt.some(({ pattern }) => pattern.test(file.path)))
      .map((file) => ({ file, lines: file.text.split("\n").length }))
      .filter(({ lines }) => lines > failAbove)
      .map(({ file, lines }) => ({
        rule: "file-size",
        path: file.path,
        line: 0,
        message: `${lines} lines, at most ${failAbove}: split it by idea`,
      }));
  },
};
