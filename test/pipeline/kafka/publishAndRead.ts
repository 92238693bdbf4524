/** A program that publishes one message, reads it and ends. It is configured by its environment. */
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { Ledger, storingHandler } from "../log/Ledger.ts";

const log = new KafkaLog(kafkaConfig(process.env as Record<string, string>)!, silent);
const ledger = new Ledger();
await log.consume("g", ["logs_move"], storingHandler(ledger));
await log.publish([{ topic: "logs_move", key: "k", headers: { id: "1" }, value: "1" }]);
await ledger.until(() => ledger.effects.length === 1);
await log.close();
console.log("read");
