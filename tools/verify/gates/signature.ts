// Gate: code for Apple's ARM processors carries a signature that fits its bytes.
import type { MachOFacts } from "../../inspect/macho-facts.ts";
import { objectsOfFormat, violation, type Gate } from "../gate.ts";

export const machoSignature: Gate = {
  id: "macho-signature",
  severity: "error",
  title: "the code signature is missing or does not fit the file",
  explanation:
    "On ARM the kernel ends a process at the first page whose hash is not the one signed. A tool that edits the file after the link, as many strip and install-name tools do, leaves the old hashes.",
  fix: "change nothing after the link, or sign last (codesign -s - <file>, rcodesign sign <file>)",
  *check({ facts, policy }) {
    if (policy.macho === undefined) return;
    for (const named of objectsOfFormat(facts, "macho")) {
      const { type, signature, machine } = named.object;
      if (type.value === "object") continue;
      if (signature.kind !== "none") {
        if (signature.badPages.length > 0)
          yield violation(named, signature, `bad pages: ${signature.badPages.slice(0, 8).join(", ")}`);
      } else if (policy.macho.signatureRequired && signedByRule(named.object))
        yield violation(named, machine, "none");
    }
  },
};

/** Intel Macs load code without a signature. */
function signedByRule({ cpu }: MachOFacts): boolean {
  return cpu !== "x86_64" && cpu !== "i686";
}
