// Rule: every source file opens by saying what it is for.
import type { SourceFile, TidyRule } from "./tree.ts";

const openings: readonly { readonly extension: RegExp; readonly opening: RegExp }[] = [
  { extension: /\.rs$/, opening: /^\/\/[!/]? \S.{10,}/ },
  { extension: /\.(ts|mts|mjs)$/, opening: /^(\/\/ \S.{10,}|\/\*\*? ?\S?.*)/ },
  { extension: /\.(c|h)$/, opening: /^\/\* ?\S.{10,}/ },
  { extension: /\.py$/, opening: /^(#|""").{10,}/ },
];

export const purposeRule: TidyRule = {
  name: "purpose",
  promise: "every source file opens with one sentence that says what it is for",
  check(tree) {
    return tree.files.filter(lacksPurpose).map((file) => ({
      rule: "purpose",
      path: file.path,
      line: 1,
      message: "open with one sentence that says what the file is for",
    }));
  },
};

function lacksPurpose(file: SourceFile): boolean {
  const opening = openings.find(({ extension }) => extension.test(file.path))?.opening;
  if (opening === undefined) return false;
  const lines = file.text.split("\n");
  const first = lines[0]?.startsWith("#!") === true && !lines[0].startsWith("#![") ? lines[1] : lines[0];
  return !opening.test(first ?? "");
}
