/** What a server process costs while all play. */
export interface Cost {
  /** Share of the core. */
  readonly cpu: number;
  /** Who had a seat. */
  readonly players: number;
  readonly rssBytes: number;
  /** Before the first player. */
  readonly idleRssBytes: number;
}

/** µs of CPU per second and player. */
export const perPlayer = ({ cpu, players }: Cost): number => (cpu * 1e6) / players;
/** KiB. */
export const memoryPerPlayer = ({ rssBytes, idleRssBytes, players }: Cost): number =>
  (rssBytes - idleRssBytes) / players / 1024;
