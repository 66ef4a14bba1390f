// Which crate of a project is built for a target, and what to say where there is none.
import type { Crate, Project } from "../shared/project.ts";
import type { Target } from "./target.ts";

/** Undefined where the project has nothing for the target. */
export function crateFor(project: Project, target: Target): Crate | undefined {
  return target.family === "web" ? project.wasm : project.crate;
}

/** For plans of targets that the project is known to have something for. */
export function crateOf(project: Project, target: Target): Crate {
  const crate = crateFor(project, target);
  if (crate === undefined) throw new TypeError(`${project.name} has no crate for ${target.triple}`);
  return crate;
}

/** What a module for the web exports where that is not what the header declares. */
export function webFunctions(project: Project, target: Target): readonly string[] | undefined {
  return target.family === "web" ? project.wasm?.functions : undefined;
}
