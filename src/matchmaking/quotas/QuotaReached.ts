import type { QuotaKind } from "./Quotas.ts";

/** By then, an unused reservation no longer counts, and a party no longer waits for a member who lost the connection. */
export const RETRY_SECONDS = 20;

const THINGS = {
  rooms: { has: "open rooms", remedy: "leave one of them, or wait until one closes" },
  seats: { has: "seats in matches", remedy: "leave one of the matches" },
  parties: { has: "parties", remedy: "leave the party" },
  streams: { has: "open event streams", remedy: "close one of them" },
} as const satisfies Record<QuotaKind, object>;

/** A player, or all clients at an address together, already have as many as the limit allows. The message is for players. */
export class QuotaReached extends Error {
  override readonly name = "QuotaReached";
  readonly kind: QuotaKind;
  readonly of: "player" | "address";
  readonly max: number;
  readonly retryAfterSeconds = RETRY_SECONDS;

  constructor(kind: QuotaKind, of: "player" | "address", max: number) {
    const { has, remedy } = THINGS[kind];
    const who = of === "player" ? `the player has ${max} ${has}` : `the clients at this address have ${max} ${has}`;
    super(`${who}, expected at most ${max}: ${remedy}, then try again, or try again in ${RETRY_SECONDS} s`);
    this.kind = kind;
    this.of = of;
    this.max = max;
  }
}

/** This process already hosts as many rooms as PROCESS_ROOMS_MAX allows. */
export class ProcessFull extends Error {
  override readonly name = "ProcessFull";

  constructor(max: number) {
    super(`the process already hosts ${max} rooms, as many as PROCESS_ROOMS_MAX allows`);
  }
}
