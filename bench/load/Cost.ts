/** What a server process uses while all players play. */
export interface Cost {
  /** Share of its core. */
  readonly cpu: number;
  /** Players with a seat. */
  readonly players: number;
  readonly rssBytes: number;
  /** Before the first player. */
  readonly idleRssBytes: number;
}

/** µs of CPU per second and player. */
export const perPlayer = ({ cpu, players }: Cost): number => (cpu * 1e6) / players;
/** In KiB. */
export const memoryPerPlayer = ({ rssBytes, idleRssBytes, players }: Cost): number =>
  (rssBytes - idleRssBytes) / players / 1024;
