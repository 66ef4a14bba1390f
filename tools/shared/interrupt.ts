// Turns Ctrl-C and SIGTERM into one abort signal, so that children end and the exit code says why.
export function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort());
  return controller.signal;
}
