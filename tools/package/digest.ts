// SHA-256 as lower-case hex, the one digest that packages, manifests and evidence use.
import { createHash } from "node:crypto";

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
