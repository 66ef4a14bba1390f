// What packaging hands on: files that users download, each with its digest.
import type { Target } from "../matrix/target.ts";

export interface PackageFile {
  readonly kind: "archive" | "npm-root" | "npm-platform" | "npm-web" | "xcframework" | "swift-package";
  /** Absent for packages that serve every target. */
  readonly target?: Target;
  readonly path: string;
  readonly fileName: string;
  readonly bytes: number;
  readonly sha256: string;
}
