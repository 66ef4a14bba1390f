// The list of all mutations of packages, and the gates that no foreign package could be found for.
import { packageContentsMutations } from "./package-contents-mutations.ts";
import type { PackageMutation } from "./package-mutation.ts";
import { packageTagMutations } from "./package-tag-mutations.ts";

export const packageMutations: readonly PackageMutation[] = [
  ...packageTagMutations,
  ...packageContentsMutations,
];

/** Gates that are proven on packages made from our own libraries alone, and why. */
export const withoutForeignPackage: Readonly<Record<string, string>> = {
  "nuget-runtime": "NuGet's registry has no client that runs where these tests run",
};
