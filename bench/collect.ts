/** Preloaded into the Node servers of a benchmark: SIGUSR2 collects all garbage, so that memory is compared without it. */
process.on('SIGUSR2', () => globalThis.gc?.());
