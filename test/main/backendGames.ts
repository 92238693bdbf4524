/** A game with a backend, for GAMES. */
import { defineBackend } from "../../src/game/Backend.ts";
import { tag } from "../tag/tag.ts";

export const games = [tag];

let failures = 1;

export const backends = [
  defineBackend(tag, {
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
