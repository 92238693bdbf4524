/** The example games over sockets: stock clients and bots play them to the end, and the recordings re-simulate to the same hashes. */
import assert from "node:assert/strict";
import path from "node:path";
import { loadGames } from "../../../src/main/loadGames.ts";
import { Host, until } from "../../rooms/Host.ts";
import { assertRecordingHolds } from "../../rooms/resimulate.ts";
import { playWith } from "./drivers.ts";
import { games } from "./quickGames.ts";

const EXAMPLES = path.resolve(import.meta.dirname, "../../../examples/games");
const WITHIN_MS = 60_000;

describe("the example games, in rooms", function () {
  this.timeout(300_000);
  const host = new Host();
  before(() => host.start({ games }));
  afterEach(() => host.leaveAll());
  after(() => host.stop());

  for (const game of games) {
    it(`are modules for GAMES: ${game.name}`, async () => {
      const [loaded] = await loadGames(path.join(EXAMPLES, game.name, "games.ts"));
      assert.equal(loaded.name, game.name);
    });

    for (const mode of Object.keys(game.modes)) {
      it(`are played to the end by a client and bots, and recorded: ${game.name} ${mode}`, async () => {
        const room = await host.join(game.name, { mode });
        const messages: any[] = [];
        room.onMessage("facts", (message) => messages.push(...message.facts));
        playWith(room, game.name);
        await until(room, ({ phase }) => phase === "ended", WITHIN_MS);
        const match = host.match(room);
        assertRecordingHolds(game, match);
        const person = [...room.state.players.values()].filter(({ bot }: any) => !bot);
        assert.equal(person.length, 1);
        assert.ok(messages.length > 0, "clients received no fact");
        for (const { t } of messages) assert.ok(t in game.events, t);
      });
    }
  }
});
