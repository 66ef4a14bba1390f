// Rule: the stages know no project by name; what they need of one comes from its project file.
import { matchingLines, type TidyFinding, type TidyRule } from "./tree.ts";

const stages = [
  ...["matrix", "progress", "toolchain", "build", "inspect", "container", "verify", "package"],
  ...["smoke", "report", "pipeline"],
];
const stageSource = new RegExp(`^tools/(${stages.join("|")})/.*\\.ts$`);
/** Tests build this checkout itself as well, and say so by importing its project file. */
const isTest = /\.test\.ts$|\/fixtures\/|\/tiny-checkout\.ts$/;

export const projectNameRule: TidyRule = {
  name: "project-name",
  promise: "no stage knows a project's name: another crate goes through the same pipeline",
  check(tree) {
    return tree.files
      .filter(({ path }) => stageSource.test(path) && !isTest.test(path))
      .flatMap(({ path, text }) => matchingLines(text, /nnrp/i).map((line) => finding(path, line)));
  },
};

function finding(path: string, line: number): TidyFinding {
  const message = "names this project: take it from the Project that is passed in";
  return { rule: "project-name", path, line, message };
}
