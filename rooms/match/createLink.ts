import type { Client } from "@colyseus/core";
import type { WebSocketClient } from "@colyseus/ws-transport";
import type { Game } from "../../src/game/Game.ts";
import { bufferSize, type PlayerLink } from "./FrameFeed.ts";
import { InputRing } from "./InputRing.ts";
import { RoundTrip } from "./RoundTrip.ts";

export function createLink(client: Client, game: Game, tickRate: number): PlayerLink {
  const inputs = InputRing.attach(client, game, bufferSize(tickRate));
  return { inputs, roundTrip: new RoundTrip((client as WebSocketClient).ref) };
}
