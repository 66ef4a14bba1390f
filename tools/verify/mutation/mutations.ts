// The list of all mutations: each gate must have one, and no other gate may answer to it.
import { archiveMutations } from "./archive-mutations.ts";
import { elfMutations } from "./elf-mutations.ts";
import { machOMutations } from "./macho-mutations.ts";
import type { Mutation } from "./mutation.ts";
import { peMutations } from "./pe-mutations.ts";

export const mutations: readonly Mutation[] = [
  ...elfMutations,
  ...peMutations,
  ...machOMutations,
  ...archiveMutations,
];
