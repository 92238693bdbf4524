/** A game with a backend, for GAMES. */
import * as z from "zod";
import { defineBackend } from "../../src/game/Backend.ts";
import { defineGame } from "../../src/game/defineGame.ts";
import { gameRoute } from "../../src/game/GameRoute.ts";
import { text } from "../../src/game/messages.ts";
import { tag } from "../tag/tag.ts";

const game = defineGame({ ...tag, messages: { chat: { fields: { text: text(50) }, to: "all" } } });
export const games = [game];

let failures = 1;

export const backends = [
  defineBackend(game, {
    async moderate({ fields }, { player, store }) {
      const played = Number((await store.get(player, "played"))?.value ?? 0);
      return { send: { text: `${fields.text} (${played} matches)` } };
    },
    routes: [
      gameRoute({
        ...{ method: "GET", path: "/played", summary: "Count your matches", auth: "player" },
        answer: z.object({ played: z.int() }),
        handle: async ({ player, store }) => ({ played: Number((await store.get(player.id, "played"))?.value ?? 0) }),
      }),
    ],
    async onEnded({ standings, matchId }, { players }) {
      for (const { player, bot } of standings) {
        if (bot) continue;
        const played = Number((await players.get(player, "played")) ?? 0);
        players.set(player, "played", played + 1);
        players.set(player, "latest", matchId);
      }
      // The first run of the process fails after it has written.
      if (failures-- > 0) throw new Error("the shop is closed");
    },
  }),
];
