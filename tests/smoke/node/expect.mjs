// Checks of the smoke steps: a failed one throws an Error that says what was wanted.

export function check(condition, message) {
  if (!condition) throw new Error(message);
}

export function checkEqual(what, actual, wanted) {
  if (actual !== wanted) throw new Error(`${what}: ${String(actual)}, wanted ${String(wanted)}`);
}

/** The error a promise rejects with; undefined if it does not. */
export async function failureOf(promise) {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error;
  }
}
