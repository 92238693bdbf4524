/**
 * A bot's connection through the unmodified Colyseus SDK, as a page or an app uses it. It costs more CPU than a `WireConnection`:
 * one core is enough for a few hundred.
 */
import { Client, type Room } from "@colyseus/sdk";
import type { BotView } from "../src/game/LoadBots.ts";
import type { BotGame } from "./BotGame.ts";
import type { Connection, ConnectionEvents, Connector } from "./Connection.ts";
import { joinFailureOf, networkFailure } from "./joinFailureOf.ts";

export function sdkConnector(url: string, game: BotGame, mode: string, seed: string): Connector {
  return async (token, events) => {
    const client = new Client(url);
    // Outside a browser, the SDK keeps one token for all clients of the process, and sets it on a new client asynchronously.
    await new Promise(setImmediate);
    client.auth.token = token;
    let room: Room<any, any>;
    try {
      room = await client.joinOrCreate<any>(game.room, { mode });
    } catch (error) {
      const { code } = error as { code?: number };
      throw typeof code === "number" ? joinFailureOf(code) : networkFailure(error);
    }
    room.onMessage("*", () => {});
    await new Promise<void>((resolve) => room.onStateChange.once(() => resolve()));
    return new SdkConnection(room, game.view(room.state, seed), game, events);
  };
}

class SdkConnection implements Connection {
  readonly roomId: string;
  readonly sessionId: string;
  readonly view: BotView;
  private readonly room: Room<any, any>;
  private readonly input: any;
  private readonly fields: readonly string[];

  constructor(room: Room<any, any>, view: BotView, game: BotGame, events: ConnectionEvents) {
    this.room = room;
    this.roomId = room.roomId;
    this.sessionId = room.sessionId;
    this.view = view;
    this.fields = game.inputFields;
    this.input = room.input();
    room.onStateChange(() => {
      view.update();
      events.patched(view.tick, this.input.sentCount - this.input.pendingCount, true);
    });
    room.onDrop(() => events.dropped());
    room.onReconnect(() => events.reconnected());
    room.onLeave((code) => events.closed(code === 4000 ? "left" : `close ${code}`));
  }

  send(frame: Int32Array): number {
    for (let i = 0; i < frame.length; i++) this.input.data[this.fields[i]] = frame[i];
    return this.input.send();
  }

  leave(): void {
    this.room.reconnection.enabled = false;
    if (this.room.connection.isOpen) void this.room.leave();
    else this.room.connection.close();
  }
}
