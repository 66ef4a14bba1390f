// SHA-256 as lower-case hex, the one digest that records, packages, manifests and evidence use.
import { createHash } from "node:crypto";

export function sha256Of(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}
