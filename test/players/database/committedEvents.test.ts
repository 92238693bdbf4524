/** What a transaction has changed about players and ratings is published if it was committed, over a real PostgreSQL. */
import assert from "node:assert/strict";
import { playerMessage } from "../../../schema/playerEvents.ts";
import { ratingMessage } from "../../../schema/ratingEvents.ts";
import { uuidV7TimeMs } from "../../../src/pipeline/events/eventDate.ts";
import { matchResults } from "../../../src/players/database/matchResults.ts";
import { addPlayerEvent } from "../../../src/players/database/playerEvents.ts";
import { deletePlayer } from "../../../src/players/database/players.ts";
import { RowPublisher } from "../../../src/players/database/RowPublisher.ts";
import { ratingEventId } from "../../../src/players/database/ratingEvents.ts";
import type { CommittedMessage } from "../../../src/players/database/schema.ts";
import {
  claimMessages,
  deletePublished,
  giveBackMessages,
  type MessagesRow,
} from "../../../src/players/database/unpublishedMessages.ts";
import { useApi } from "../../api/useApi.ts";
import { finishedMatch } from "./finishedMatch.ts";

const BATCH = 2;

describe("events of committed transactions", () => {
  const api = useApi();
  const failures: string[] = [];
  let published: CommittedMessage[];
  beforeEach(async () => {
    published = [];
    await api().sql.query("delete from unpublished_messages");
  });

  function startProcess(append: (rows: readonly MessagesRow[]) => Promise<void>, canAppend = () => true) {
    return new RowPublisher<MessagesRow>({
      claim: () => claimMessages(api().sql, BATCH),
      batch: BATCH,
      ...{ append, canAppend },
      markPublished: (ids) => deletePublished(api().sql, ids),
      giveBack: (ids) => giveBackMessages(api().sql, ids),
      everyMs: 60_000,
      onFailed: (error) => failures.push((error as Error).message),
      onSucceeded() {},
    });
  }
  const appended = async (rows: readonly MessagesRow[]) => {
    published.push(...rows.flatMap(({ messages }) => messages));
  };
  const publish = () => startProcess(appended).publishUnclaimed();
  const endClaims = () => api().sql.query("update unpublished_messages set claimed_until = now()");
  const told = () =>
    published.map(({ value }) => {
      const { kind, player, ...rest } = value as Record<string, unknown>;
      return [kind, player, { ...rest, v: undefined, at: undefined }];
    });
  const only = (fields: object) => ({ ...fields, v: undefined, at: undefined });

  it("tell of each registration, change of name and deletion once, without names and addresses", async () => {
    const guest = await api().anonymous();
    const body = { email: "mia@example.com", password: "correct horse", options: { name: "Mia" } };
    const upgraded = (await api().ask("POST", "/auth/register", { body, token: guest.token })).body;
    const { id, token } = await api().account("zoe@example.com", "Zoe");
    for (const name of ["Zoë", "Zoë"])
      assert.equal((await api().ask("PATCH", "/api/v1/me", { body: { name }, token })).status, 200);
    assert.equal((await api().ask("DELETE", "/api/v1/me", { token: upgraded.token })).status, 204);
    await publish();
    assert.deepEqual(told(), [
      ["registered", guest.id, only({ method: "email", upgraded: true })],
      ["registered", id, only({ method: "email", upgraded: false })],
      ["renamed", id, only({})],
      ["deleted", guest.id, only({})],
    ]);
    for (const message of published) {
      assert.deepEqual([message.topic, message.key], ["logs_player", playerMessage.parse(message.value).player]);
      assert.equal(uuidV7TimeMs(message.id), (message.value as { at: number }).at);
    }
    assert.doesNotMatch(JSON.stringify(published), /mia|zo[eë]|@|horse/i);
    assert.deepEqual((await api().sql.query("select from unpublished_messages")).rows, []);
  });

  it("do not tell of what was refused", async () => {
    const { token } = await api().account("taken@example.com", "Taken");
    const other = await api().account("other@example.com", "Other");
    const body = { email: "taken@example.com", password: "correct horse" };
    assert.equal((await api().ask("POST", "/auth/register", { body })).body.code, "EMAIL_TAKEN");
    const renamed = await api().ask("PATCH", "/api/v1/me", { body: { name: "Taken" }, token: other.token });
    assert.equal(renamed.body.code, "NAME_TAKEN");
    await api().ask("DELETE", "/api/v1/me", { token });
    await api().ask("DELETE", "/api/v1/me", { token });
    await api().sql.transaction((tx) => deletePlayer(tx, "nobody"));
    await publish();
    assert.deepEqual(
      told().map(([kind]) => kind),
      ["registered", "registered", "deleted"],
    );
  });

  it("are recorded by the process itself for sign-ins, of which the database knows nothing", async () => {
    const { recorded } = api();
    recorded.length = 0;
    const guest = await api().anonymous();
    const account = await api().account("ada@example.com");
    const body = { email: "ada@example.com", password: "correct horse" };
    await api().ask("POST", "/auth/login", { body });
    await api().ask("POST", "/auth/login", { body: { ...body, password: "wrong" } });
    for (const { token } of [guest, account]) await api().ask("POST", "/auth/anonymous", { body: {}, token });
    assert.deepEqual(
      recorded.map(({ kind, player, method }) => [kind, player, method]),
      [
        ["signed_in", guest.id, "anonymous"],
        ["signed_in", account.id, "email"],
        ["signed_in", guest.id, "token"],
        ["signed_in", account.id, "token"],
      ],
    );
    for (const message of recorded) playerMessage.parse(message);
  });

  it("have the ratings of a match before and after it, each with an id that is the same whenever the match is rated", async () => {
    const match = finishedMatch([{ player: "a" }, { player: "b" }]);
    const rate = async () => {
      await api().sql.transaction(async (tx) => {
        await matchResults.lock(tx, ["a", "b"]);
        await matchResults.announce!(tx, await matchResults.apply(tx, [match]));
      });
      await publish();
    };
    await rate();
    await rate();
    const once = published;
    assert.deepEqual(
      once.map(({ topic, key, id, value }) => [topic, key, id, ratingMessage.parse(value).before]),
      ["a", "b"].map((player) => ["logs_rating", player, ratingEventId(match.matchId, player), 1500]),
    );
    const { rows } = await api().sql.query("select player_id, rating from ratings order by player_id");
    assert.deepEqual(
      once.map(({ value }) => [ratingMessage.parse(value).player, ratingMessage.parse(value).after]),
      rows.map(({ player_id, rating }) => [player_id, rating]),
    );
    for (const table of ["participants", "matches", "ratings"]) await api().sql.query(`delete from ${table}`);
    published = [];
    await rate();
    assert.deepEqual(published, once);
    assert.equal(uuidV7TimeMs(once[0].id), uuidV7TimeMs(match.matchId));
  });

  it("are published by another process if theirs dies before its outbox has them on disk, with the same ids", async () => {
    const players = ["p1", "p2", "p3", "p4", "p5"];
    for (const player of players) await api().sql.transaction((tx) => addPlayerEvent(tx, { kind: "deleted", player }));
    const lost: CommittedMessage[] = [];
    const dying = startProcess((rows) => {
      lost.push(...rows.flatMap(({ messages }) => messages));
      return new Promise(() => {});
    });
    void dying.publishUnclaimed();
    while (lost.length === 0) await new Promise(setImmediate);
    await Promise.all([publish(), publish()]);
    assert.deepEqual(
      published.map(({ key }) => key).sort(),
      players.slice(BATCH),
      "the first process may still publish the others",
    );
    await endClaims();
    await Promise.all([publish(), publish()]);
    assert.deepEqual(published.slice(players.length - BATCH), lost);
    await endClaims();
    await publish();
    assert.equal(published.length, players.length);
  });

  it("stay in the database while the outbox fails, and the failure is reported", async () => {
    await api().sql.transaction((tx) => addPlayerEvent(tx, { kind: "deleted", player: "p6" }));
    const fail = () => Promise.reject(new Error("the disk is full"));
    await startProcess(fail).publishUnclaimed();
    assert.deepEqual(failures, ["the disk is full"]);
    await startProcess(fail, () => false).publishUnclaimed();
    assert.equal(failures.length, 1, "a process that cannot store them leaves them to others");
    await publish();
    assert.deepEqual(
      published.map(({ key }) => key),
      ["p6"],
    );
  });
});
