// The list of all mutations of packages.
import { packageContentsMutations } from "./package-contents-mutations.ts";
import type { PackageMutation } from "./package-mutation.ts";
import { packageTagMutations } from "./package-tag-mutations.ts";

export const packageMutations: readonly PackageMutation[] = [
  ...packageTagMutations,
  ...packageContentsMutations,
];
