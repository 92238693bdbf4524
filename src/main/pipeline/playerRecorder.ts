import { v7 as uuidv7 } from "uuid";
import type { RecordPlayerEvent } from "../../../schema/playerEvents.ts";
import { encodeMessageRecord } from "../../pipeline/events/messageRecord.ts";
import type { OutboxWriter } from "../../pipeline/outbox/Outbox.ts";

/** Records events of players in the outbox of this process, as `logs_player`. Without an outbox, they are not stored. */
export function playerRecorder(writer: OutboxWriter | null): RecordPlayerEvent {
  return (value, id = uuidv7()) => {
    const record = encodeMessageRecord({ topic: "logs_player", key: value.player, id, value });
    writer?.append(record, record.length);
  };
}
