// The invariants of ARCHITECTURE.md that a machine keeps, in the order they are printed.
import { corePurityRule } from "./core-purity.ts";
import { documentsRule } from "./documents.ts";
import { fileSizeRule } from "./file-size.ts";
import { generatedRule } from "./generated.ts";
import { machineTracesRule } from "./machine-traces.ts";
import { oneVersionRule } from "./one-version.ts";
import { projectNameRule } from "./project-name.ts";
import { purposeRule } from "./purpose.ts";
import { stageOrderRule } from "./stage-order.ts";
import type { TidyRule } from "./tree.ts";
import { unsafeRule } from "./unsafe.ts";

export const tidyRules: readonly TidyRule[] = [
  unsafeRule,
  corePurityRule,
  stageOrderRule,
  projectNameRule,
  purposeRule,
  fileSizeRule,
  generatedRule,
  documentsRule,
  oneVersionRule,
  machineTracesRule,
];
