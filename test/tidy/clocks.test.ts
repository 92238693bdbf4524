/**
 * The wall clock can be set at any time, so durations are measured by `performance.now`. The files that read the wall clock are
 * listed here, each with the reason why a duration cannot be meant.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

const WALL_CLOCK: Readonly<Record<string, string>> = {
  "src/api/admin.ts": "the end of a ban, in the database",
  "src/api/createRestApi.ts": "passes it to tokens, bans and seasons",
  "src/api/operators/ActPublisher.ts": "the end of a claim, which other processes read",
  "src/api/operators/OperatorLog.ts": "the times of events",
  "src/api/operators/Operators.ts": "the end of a token, which another service made",
  "src/game/trapNondeterminism.ts": "names what it replaces",
  "src/main/commands/command.ts": "passes it to commands, for times in the log and the lake",
  "src/main/commands/rebuildables.ts": "passes it to sinks, for times in the log",
  "src/main/commands/retentions.ts": "the day from which retention counts, guarded by `RetentionLimit`",
  "src/main/game/openComponents.ts": "the times of events and match ids",
  "src/main/game/startMatchmaking.ts": "the time of an invitation",
  "src/main/metrics/publishStats.ts": "the times of events",
  "src/main/pipeline/openDataServices.ts": "the age of events that are not published",
  "src/main/pipeline/openPipeline.ts": "the times of events",
  "src/main/sinks/sinksEntry.ts": "passes it to sinks, for times in the log",
  "src/matchmaking/Queue.ts": "the times of events",
  "src/matchmaking/Tickets.ts": "the times of events, and of an answer to a client",
  "src/matchmaking/conduct/BrokenUpMatches.ts": "the times of events",
  "src/matchmaking/pairing/Pairer.ts": "the times of events",
  "src/matchmaking/roomDriver/MemoryDriver.ts": "the age of a listing, which the framework created with this clock",
  "src/pipeline/embeddedLog/EmbeddedConsumer.ts": "the age of messages, by their append times",
  "src/pipeline/kafka/InstallationTopic.ts": "whether a message is recent, by the append times of the brokers",
  "src/pipeline/kafka/KafkaConsumer.ts": "the age of messages, by their append times",
  "src/pipeline/kafka/PartitionWork.ts": "the age of messages, by their append times",
  "src/pipeline/outbox/openOutbox.ts": "append times",
  "src/pipeline/relay/OutboxRelay.ts": "the times of events, and the age of records by their append times",
  "src/pipeline/relay/runRelay.ts": "the age of records, by their append times",
  "src/platform/adapters/colyseus/useMonotonicClock.ts": "names what it replaces",
  "src/platform/adapters/kafkajs/encodeProduce.ts": "the times of messages, as kafkajs sets them",
  "src/platform/adapters/kafkajs/tolerateClockSteps.ts": "finds out that the clock was set",
  "src/platform/objectStore/DirectoryStore.ts": "the age of files, by their modification times",
  "src/platform/tracing/spanTime.ts": "the times of spans, which collectors compare between processes",
  "src/players/auth/Tokens.ts": "the end of a token, which other processes read",
  "src/players/database/seasons.ts": "the current season, in the database",
  "src/players/identity/IssuedTokens.ts": "the end of a token, which another service made",
  "src/players/identity/PasswordReset.ts": "the end of a reset, in the database",
  "src/players/identity/Sessions.ts": "the end of a ban, in the database",
  "src/players/identity/SignIn.ts": "the end of a ban, in the database",
};

const READS = /\bDate\.now\b|\bnew Date\(\)/;

const files = ["rooms", "schema", "src"]
  .flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));

describe("the wall clock", () => {
  it("is read only in the files that are listed here, each with its reason", () => {
    const readers = files.filter((file) => READS.test(readFileSync(path.join(root, file), "utf8")));
    assert.deepEqual(readers.sort(), Object.keys(WALL_CLOCK).sort());
  });
});
