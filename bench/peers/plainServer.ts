/**
 * Hosts the same matches as a user of plain Colyseus would: the same state and rules, `setSimulationInterval`, the framework's
 * own patches, and inputs by `defineInput`. No records, no sign-in, no checks.
 *
 * Argument: rate in Hz. Prints its port when it listens.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Client, Room, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { ArenaInput } from "../../src/arena/ArenaInput.ts";
import { ArenaState, PlayerState } from "../../src/arena/ArenaState.ts";
import { arena } from "../../src/arena/game.ts";
import type { World } from "../../src/arena/World.ts";
import { BOT, Frames, PERSON } from "../../src/game/Frames.ts";
import { noFacts } from "../../src/game/noFacts.ts";

const tickRate = Number(process.argv[2]);
const MODE = "ffa";
const SEATS = arena.modes[MODE].teams.length;

class PlainRoom extends Room<{ state: ArenaState; input: ArenaInput }> {
  override state = new ArenaState();
  override maxClients = SEATS;
  override patchRate = 1000 / tickRate;
  override inputs = this.defineInput(ArenaInput, { tickRate });
  private readonly frames = new Frames(SEATS, arena.inputFields.length);
  private readonly players: (PlayerState | null)[] = Array.from({ length: SEATS }, () => null);
  private readonly sessions: (string | null)[] = Array.from({ length: SEATS }, () => null);
  private world!: World;

  override onCreate(): void {
    const roster = arena.modes[MODE].teams.map((team, seat) => ({ seat, team, role: seat % 4 }));
    const setup = { mode: MODE, map: arena.maps[0], tickRate, seed: "1".repeat(32), roster };
    this.world = arena.createWorld(arena.rules, setup, noFacts);
    this.state.mode = MODE;
    for (let seat = 0; seat < SEATS; seat++) {
      this.frames.holder[seat] = BOT;
      this.frames.role[seat] = seat % 4;
    }
    arena.project(this.world, this.state, this.players);
    this.setSimulationInterval(() => this.step(), 1000 / tickRate);
  }

  override onJoin(client: Client): void {
    const seat = this.sessions.indexOf(null);
    const player = new PlayerState();
    this.sessions[seat] = client.sessionId;
    this.players[seat] = player;
    this.frames.holder[seat] = PERSON;
    arena.project(this.world, this.state, this.players);
    this.state.players.set(client.sessionId, player);
  }

  override onLeave(client: Client): void {
    const seat = this.sessions.indexOf(client.sessionId);
    this.state.players.delete(client.sessionId);
    this.sessions[seat] = null;
    this.players[seat] = null;
    this.frames.holder[seat] = BOT;
  }

  private step(): void {
    const { frames, world } = this;
    for (let seat = 0; seat < SEATS; seat++) {
      const sessionId = this.sessions[seat];
      if (sessionId === null) arena.think(world, seat, frames);
      else for (const input of this.inputs.get(sessionId)) this.read(seat, input);
    }
    arena.step(world, frames);
    arena.project(world, this.state, this.players);
  }

  private read(seat: number, input: ArenaInput): void {
    const row = seat * this.frames.width;
    arena.inputFields.forEach(({ name }, at) => {
      this.frames.values[row + at] = (input as unknown as Record<string, number>)[name];
    });
  }
}

const http = createServer();
const server = new Server({
  transport: new WebSocketTransport({ server: http }),
  greet: false,
  gracefullyShutdown: false,
  express: (app) => {
    let players = 0;
    app.post("/auth/anonymous", (_request, response) => void response.json({ token: `player-${players++}` }));
  },
});
server.define(arena.name, PlainRoom).filterBy(["mode"]);
await server.listen(0, "127.0.0.1");
console.log((http.address() as AddressInfo).port);
