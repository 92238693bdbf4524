import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { CountedQuotas } from "../../matchmaking/quotas/CountedQuotas.ts";
import { RedisClaims } from "../../matchmaking/quotas/RedisClaims.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import { onceAMinute } from "../../platform/logging/onceAMinute.ts";

/** Opens the limits on what players may have at a time. With `redis`, they hold for all processes together. */
export function openQuotas(config: Config, redis: Redis | null, log: Logger): CountedQuotas {
  const logger = onceAMinute(log);
  return new CountedQuotas({
    limits: {
      rooms: config.playerRoomsMax,
      seats: config.playerSeatsMax,
      parties: config.playerPartiesMax,
      streams: config.playerStreamsMax,
      addressFactor: config.addressLimitFactor,
      roomsOfProcess: config.processRoomsMax,
    },
    shared: redis === null ? null : new RedisClaims(redis, config.namespace),
    onReached({ kind, of, max }) {
      if (of !== "address") return;
      logger.warn(
        { kind, max },
        "a client was refused because the clients at its address have too many rooms, seats, parties or streams; if many players share this address, raise ADDRESS_LIMIT_FACTOR; if it is the address of a proxy, set TRUSTED_PROXIES",
      );
    },
  });
}
