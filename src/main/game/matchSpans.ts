/** The spans of a match that a game process records: the way of its players to their seats, and the end of the match. */
import { setImmediate as afterTheTick } from "node:timers/promises";
import type { JoinedPlayer } from "../../../rooms/services.ts";
import type { MatchIdentity, TickEvents } from "../../game/TickEvents.ts";
import type { OutboxWriter } from "../../pipeline/outbox/Outbox.ts";
import { spanTime } from "../../platform/tracing/spanTime.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";

/** Records how long a player took to get a seat. */
export function traceSeat(tracer: Tracer, joined: JoinedPlayer): void {
  if (!tracer.isOn) return;
  const { matchId, mode, source, roomId, trace, queuedAt } = joined;
  const endMs = spanTime();
  const attributes = { ...attributesOf(matchId, mode), "hypogeum.room.id": roomId, "hypogeum.match.source": source };
  const seat = { name: "take seat", endMs, attributes };
  if (trace !== undefined) tracer.record({ ...seat, trace: trace.id, startMs: trace.admittedAt, linksTo: matchId });
  if (queuedAt === undefined) return;
  const foundMs = createdAt(matchId);
  tracer.record({ trace: matchId, name: "wait in queue", startMs: queuedAt, endMs: foundMs, attributes });
  tracer.record({ ...seat, trace: matchId, startMs: foundMs });
}

/** Records each match when it has ended, and how long the outbox took to store its end. */
export function traceMatches(
  tickEvents: TickEvents,
  writer: Pick<OutboxWriter, "whenCommitted">,
  tracer: Tracer,
): TickEvents {
  if (!tracer.isOn) return tickEvents;
  return {
    open(match) {
      const recorder = tickEvents.open(match);
      return {
        record(record) {
          recorder.record(record);
          for (const event of record.matchEvents)
            if (event.kind === "ended") void traceEnd(writer, tracer, match, record.at, event.reason);
        },
        close: () => recorder.close(),
      };
    },
    onAbort: (listener) => tickEvents.onAbort(listener),
    refusal: () => tickEvents.refusal(),
  };
}

async function traceEnd(
  writer: Pick<OutboxWriter, "whenCommitted">,
  tracer: Tracer,
  { matchId, mode }: MatchIdentity,
  endedAt: number,
  reason: string,
): Promise<void> {
  const startMs = spanTime();
  await afterTheTick();
  const attributes = { ...attributesOf(matchId, mode), "hypogeum.match.end": reason };
  tracer.record({
    trace: matchId,
    isRoot: true,
    name: "match",
    startMs: createdAt(matchId),
    endMs: endedAt,
    attributes,
  });
  const error = await writer.whenCommitted().then(
    () => undefined,
    ({ message }: Error) => message,
  );
  tracer.record({ trace: matchId, name: "commit ended", startMs, endMs: spanTime(), error });
}

const attributesOf = (matchId: string, mode: string) => ({ "hypogeum.match.id": matchId, "hypogeum.mode": mode });

/** The time in a UUIDv7, Unix ms. */
const createdAt = (matchId: string): number => Number.parseInt(matchId.replaceAll("-", "").slice(0, 12), 16);
