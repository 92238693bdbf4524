/** Prints what a benchmark does now, with the seconds since its start. */
export function progress(what: string): void {
  console.error(`  ${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${what}`);
}
