/**
 * Unix ms that never jump: the time at which the process started, plus the time that has passed since. Use it for times that are
 * compared with each other within this process only. If the wall clock is set, the two differ from then on.
 */
export function steadyUnixMs(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
