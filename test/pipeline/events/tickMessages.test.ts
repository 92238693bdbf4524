/** The messages that a reader in the same process gets from a record, compared with those that the relay sends. */
import { MessageWriter } from "../../../src/pipeline/events/MessageWriter.ts";
import { TickDecoder } from "../../../src/pipeline/events/TickDecoder.ts";
import { TickMessages } from "../../../src/pipeline/events/TickMessages.ts";
import { agreeOnDamage, agreeOnRecords } from "./agreeOnRecords.ts";
import { layouts, orDamage } from "./randomRecords.ts";

const decoder = new TickDecoder();
for (const [id, layout] of layouts) decoder.add(id, layout);
const writer = new MessageWriter();
const messages = new TickMessages(writer);
const origin = { outboxId: "0123456789abcdef", number: 7 };

const written = (bytes: Buffer) => orDamage(() => writer.write(decoder.decode(bytes), origin));

/** The JSON is asked for in the other order. */
function read(bytes: Buffer) {
  return orDamage(() => {
    const found = messages.read(decoder.decode(bytes), origin);
    const values = found.toReversed().map(({ value }) => value);
    return found.map(({ topic, key, headers }) => ({ topic, key, headers, value: values.pop()! }));
  });
}

describe("the messages that are read from a record", () => {
  it("are those that are written from it, or there is the same reason why the record is damaged", () => {
    agreeOnRecords(read, written);
  });

  it("are refused for the same reason if bytes of the record are damaged", () => {
    agreeOnDamage(read, written);
  });
});
