// Writes the Package.swift with which Swift's package manager fetches an XCFramework of a release and checks it.
import type { Target } from "../matrix/target.ts";
import type { Project } from "../shared/project.ts";
import { moduleName } from "./module-map.ts";

/** The checksum is the SHA-256 of the zip file, as `swift package compute-checksum` prints it. */
export function swiftPackage(
  project: Project,
  framework: { readonly fileName: string; readonly sha256: string },
  targets: readonly Target[],
): string {
  const { name, version, homepage } = project;
  const module = moduleName(project);
  return `// swift-tools-version:5.9
// ${project.description}
import PackageDescription

let package = Package(
  name: "${name}",
  platforms: [.iOS("${oldest(targets, "ios")}"), .macOS("${oldest(targets, "macos")}")],
  products: [.library(name: "${module}", targets: ["${module}"])],
  targets: [
    .binaryTarget(
      name: "${module}",
      url: "${homepage}/releases/download/v${version}/${framework.fileName}",
      checksum: "${framework.sha256}"
    )
  ]
)
`;
}

function oldest(targets: readonly Target[], kind: "ios" | "macos"): string {
  const versions = targets.flatMap(({ floor }) => (floor.kind === kind ? [floor.version] : []));
  return versions.sort((left, right) => left.localeCompare(right, "en", { numeric: true }))[0] ?? "";
}
