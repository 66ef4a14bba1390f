// Gate: little runs when a library is loaded.
import type { Located, ObjectFacts, Place } from "../../inspect/facts.ts";
import { objectsOf, violation, type Gate } from "../gate.ts";

export const staticInitializers: Gate = {
  id: "static-initializers",
  severity: "warning",
  title: "more functions run at load than the target expects",
  explanation:
    "Code that runs at load slows every program that links the library, runs before anything can handle an error, and runs even if the library is never used. C++ globals and constructor attributes of a dependency are the usual cause.",
  fix: "make the globals lazy (std::sync::OnceLock, function-local statics), or raise the policy's number with a reason",
  *check({ facts, policy }) {
    if (policy.initializers === undefined) return;
    for (const named of objectsOf(facts)) {
      const found = initializersOf(named.object);
      if (found !== undefined && found.count > policy.initializers)
        yield violation(named, found, `${found.count} functions, at most ${policy.initializers} expected`);
    }
  },
};

function initializersOf(object: ObjectFacts): (Place & { readonly count: number }) | undefined {
  if (object.format === "macho") return counted(object.initializers);
  if (object.format === "pe") {
    const { tls } = object;
    return tls === undefined
      ? undefined
      : { section: tls.section, offset: tls.offset, count: tls.callbacks.length };
  }
  if (object.format !== "elf") return undefined;
  const { initializers, init } = object.dynamic ?? {};
  const place = initializers ?? init;
  if (place === undefined) return undefined;
  const count = (initializers?.value ?? 0) + (init === undefined ? 0 : 1);
  return { section: place.section, offset: place.offset, count };
}

function counted(found: Located<number> | undefined): (Place & { readonly count: number }) | undefined {
  return found === undefined
    ? undefined
    : { section: found.section, offset: found.offset, count: found.value };
}
