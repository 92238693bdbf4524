import { MessageWriter } from "../../../src/pipeline/events/MessageWriter.ts";
import type { RecordOrigin, TickValue } from "../../../src/pipeline/events/messages.ts";
import type { TickDecoder } from "../../../src/pipeline/events/TickDecoder.ts";
import type { TickMessage } from "./objectExpansion.ts";

const someOrigin: RecordOrigin = { outboxId: "0123456789abcdef", number: 7 };

/** The messages of a tick record, with their values as objects. Throws `RecordDamaged`. */
export function messagesIn(decoder: TickDecoder, bytes: Uint8Array, origin = someOrigin): TickMessage[] {
  return new MessageWriter()
    .write(decoder.decode(bytes), origin)
    .map(
      ({ topic, key, headers, value }) =>
        ({ topic, key, headers, value: JSON.parse(String(value)) as TickValue }) as TickMessage,
    );
}
