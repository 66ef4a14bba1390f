// The list of all mutations of packages.
import { npmMutations } from "./npm-mutations.ts";
import { packageContentsMutations } from "./package-contents-mutations.ts";
import { packageFolderMutations } from "./package-folder-mutations.ts";
import type { PackageMutation } from "./package-mutation.ts";
import { wheelMutations } from "./wheel-mutations.ts";
import { xcframeworkMutations } from "./xcframework-mutations.ts";

export const packageMutations: readonly PackageMutation[] = [
  ...wheelMutations,
  ...npmMutations,
  ...packageFolderMutations,
  ...xcframeworkMutations,
  ...packageContentsMutations,
];
