/** Tag with an end reason of its own, and with several maps, of which its mode `pair` has two. For GAMES. */
import { defineGame } from "../../src/game/defineGame.ts";
import { tag } from "./tag.ts";

export const caught = defineGame({
  ...tag,
  maps: ["yard", "field", "hall"],
  modes: { ...tag.modes, pair: { ...tag.modes.pair, maps: ["field", "hall"] } },
  endReasons: ["caught"],
  status: (world) => {
    const status = tag.status(world);
    return status.phase === "ended" ? { ...status, endReason: "caught" } : status;
  },
});

export const games = [caught];
