// Warns about connections and listeners that were forgotten while open, names where they came from, and closes them.

interface Leak {
  readonly what: string;
  readonly stack: string;
  readonly close: () => void;
}

const registry = new FinalizationRegistry<Leak>(({ what, stack, close }) => {
  process.emitWarning(
    `${what} was garbage-collected while open; close it or use "await using". Created at:\n${stack}`,
    {
      type: "NnrpLeakWarning",
      code: "NNRP_LEAK",
    },
  );
  close();
});

/** `close` must not hold `object`. */
export function watchForLeak(object: object, what: string, close: () => void): void {
  const stack = new Error().stack?.split("\n").slice(3).join("\n") ?? "";
  registry.register(object, { what, stack, close }, object);
}

/** The object was closed in order. */
export function closedInOrder(object: object): void {
  registry.unregister(object);
}
