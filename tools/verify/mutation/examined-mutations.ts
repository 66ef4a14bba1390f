// The list of all mutations of libraries that the doctor meets without knowing their target.
import type { ExaminedMutation } from "./examined-mutation.ts";
import { foreignElfMutations } from "./foreign-elf-mutations.ts";
import { foreignMachOMutations } from "./foreign-macho-mutations.ts";
import { foreignPeMutations } from "./foreign-pe-mutations.ts";
import { looseMutations } from "./loose-mutations.ts";

export const examinedMutations: readonly ExaminedMutation[] = [
  ...looseMutations,
  ...foreignElfMutations,
  ...foreignPeMutations,
  ...foreignMachOMutations,
];
