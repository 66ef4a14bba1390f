// Rule: nothing tracked names a path of one machine or a registry host other than the public ones.
import { matchingLines, type TidyRule } from "./tree.ts";

// Written as pieces so that this file does not match itself.
const homePath = new RegExp(
  ["/ho" + "me/[a-z]\\w*/", "/Us" + "ers/[a-z]\\w*/", "/ro" + "ot/", "/wo" + "rk/"].join("|"),
);

/** Files that speak about such paths because finding them is their job, or that hold foreign data. */
const exempt = /(^|\/)(Cargo\.lock|package-lock\.json)$|^tools\/(verify|tidy)\/|\.test\.ts$/;

export const machineTracesRule: TidyRule = {
  name: "machine-traces",
  promise: "no path of one machine stands in a tracked file",
  check(tree) {
    return tree.files
      .filter((file) => !exempt.test(file.path))
      .flatMap((file) =>
        matchingLines(file.text, homePath).map((line) => ({
          rule: "machine-traces",
          path: file.path,
          line,
          message: "a path of one machine: make it relative or configurable",
        })),
      );
  },
};
