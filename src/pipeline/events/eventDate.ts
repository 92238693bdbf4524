/** The UTC day of a match or event, from the time in its UUIDv7. The warehouse and the lake use the same day. */
import { UUID_V7 } from "../../../schema/uuidV7.ts";

export function isUuidV7(text: string): boolean {
  return UUID_V7.test(text);
}

/** Unix ms at which a UUIDv7 was created: its first 48 bits (RFC 9562, section 5.7). */
export function uuidV7TimeMs(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

const DAY_MS = 86_400_000;
/** Most calls are for the same day as the previous one. */
let recentDay = Number.NaN;
let recentText = "";

/** `YYYY-MM-DD`, UTC. */
export function utcDay(unixMs: number): string {
  const day = Math.floor(unixMs / DAY_MS);
  if (day !== recentDay) {
    recentText = new Date(unixMs).toISOString().slice(0, 10);
    recentDay = day;
  }
  return recentText;
}

/** The `event_date` of a match, or of an event whose id is a UUIDv7. */
export function eventDate(uuid: string): string {
  return utcDay(uuidV7TimeMs(uuid));
}
