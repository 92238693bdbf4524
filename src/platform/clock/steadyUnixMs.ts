/**
 * Unix ms that never jump: the time at which the process started, plus the time that has passed since then. Use it only for times
 * that are compared with each other within this process. After the wall clock was set, it differs from the wall clock.
 */
export function steadyUnixMs(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
