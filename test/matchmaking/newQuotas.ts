import { CountedQuotas, type QuotaLimits } from "../../src/matchmaking/quotas/CountedQuotas.ts";

/** The default limits of the program, counted in this process. */
export const newQuotas = (limits: Partial<QuotaLimits> = {}): CountedQuotas =>
  new CountedQuotas({
    limits: { rooms: 5, seats: 2, parties: 1, streams: 3, addressFactor: 50, roomsOfProcess: 2000, ...limits },
    shared: null,
  });
