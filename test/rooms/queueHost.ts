/** Queue and party rooms on a free port, with a pool in memory. The test controls the clock and the pairing. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { type AuthContext, matchMaker, Room, Server } from "@colyseus/core";
import { Client, type Room as ClientRoom } from "@colyseus/sdk";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { WebSocket } from "ws";
import { ConnectedClients } from "../../rooms/ConnectedClients.ts";
import { partyRoom } from "../../rooms/PartyRoom.ts";
import { queueRoom } from "../../rooms/QueueRoom.ts";
import type { QueueServices } from "../../rooms/queue/queueServices.ts";
import type { PlayerMessage } from "../../schema/playerEvents.ts";
import type { QueueMessage } from "../../schema/queueEvents.ts";
import { arena } from "../../src/arena/game.ts";
import type { Game } from "../../src/game/Game.ts";
import { refuseWhenOverloaded } from "../../src/main/game/refuseWhenOverloaded.ts";
import { ColyseusMatchHost } from "../../src/matchmaking/ColyseusMatchHost.ts";
import { MemoryConduct } from "../../src/matchmaking/conduct/MemoryConduct.ts";
import { Pairer } from "../../src/matchmaking/pairing/Pairer.ts";
import { Invitations } from "../../src/matchmaking/parties/Invitations.ts";
import { MemoryParties } from "../../src/matchmaking/parties/MemoryParties.ts";
import { Queue } from "../../src/matchmaking/Queue.ts";
import { MemoryDriver } from "../../src/matchmaking/roomDriver/MemoryDriver.ts";
import { ListedSeats } from "../../src/matchmaking/seats/ListedSeats.ts";
import { Tickets } from "../../src/matchmaking/Tickets.ts";
import { MemoryPool } from "../../src/matchmaking/waitingPool/MemoryPool.ts";
import { RECENT_MS } from "../../src/matchmaking/waitingPool/Pool.ts";
import { dropReservations } from "../../src/platform/adapters/colyseus/seatReservations.ts";
import type { Admission } from "../../src/players/identity/Admission.ts";
import { newQuotas } from "../matchmaking/newQuotas.ts";

/** In seconds. */
const COOLDOWNS = [30, 60];
/** After this many turns of the event loop, the handlers of a room are done. */
const TURNS = 5;

/** A match room that only records the seats of its players. */
export class SeatedRoom extends Room {
  static onSeated: (roomId: string, playerId: string) => Promise<void> = async () => {};
  static override async onAuth(_token: string, options: any, _context: AuthContext): Promise<any> {
    options.band = 15;
    return { playerId: "joiner" };
  }
  matchId = "";
  readonly seated: Record<string, number> = {};
  override onCreate(options: any): void {
    this.matchId = `match-${this.roomId}`;
    this.maxClients = arena.modes[options.mode].teams.length;
    if (options.source === "queue") void this.lock();
  }
  override onJoin(_client: unknown, options: any, auth: any): void {
    this.seated[auth.playerId] = options.seat;
    void SeatedRoom.onSeated(this.roomId, auth.playerId);
  }
  override onDispose(): void {
    dropReservations(this);
  }
}

export class QueueHost {
  readonly events: QueueMessage[] = [];
  readonly playerEvents: PlayerMessage[] = [];
  readonly invited: object[] = [];
  readonly clients = new ConnectedClients();
  /** Whether the process is at capacity. */
  isBusy = false;
  readonly now = () => Date.now() + this.ahead;
  readonly pool = new MemoryPool(this.now);
  readonly conduct = new MemoryConduct(COOLDOWNS, this.now);
  readonly parties = new MemoryParties();
  queue!: Queue;
  pairer!: Pairer;
  tickets!: Tickets;
  private ahead = 0;
  private readonly game: Game;
  private readonly http = http.createServer();
  private readonly rooms: ClientRoom[] = [];
  private server!: Server;

  constructor(game: Game = arena) {
    this.game = game;
  }

  async start(): Promise<this> {
    const { game } = this;
    const log = { info() {}, warn() {}, error() {} };
    const driver = new MemoryDriver(this.now);
    this.server = new Server({
      transport: new WebSocketTransport({ server: this.http }),
      driver,
      // Otherwise the framework keeps that of an earlier server.
      selectProcessIdToCreateRoom: async () => matchMaker.processId,
      greet: false,
      gracefullyShutdown: false,
    });
    await this.server.listen(0, "127.0.0.1");
    const matchHost = new ColyseusMatchHost(game);
    const publish = (message: QueueMessage) => void this.events.push(message);
    const parts = { pool: this.pool, conduct: this.conduct, matchHost, publish, log };
    this.queue = new Queue({ ...parts, game: "arena", holder: matchMaker.processId, now: this.now });
    await this.pool.registerHolder(matchMaker.processId, 3_600_000);
    this.pairer = new Pairer({ ...parts, game, owner: "test", random: () => 0.5 });
    this.tickets = new Tickets({ ...parts, game, regions: ["local"], queueParty, now: this.now });
    SeatedRoom.onSeated = (roomId, playerId) => this.tickets.seatTaken(roomId, playerId);
    const services: QueueServices = {
      matchmaking: () => this.queue,
      parties: this.parties,
      seats: new ListedSeats(driver),
      quotas: newQuotas(),
      admission: refuseWhenOverloaded(admission, { isOverloaded: () => this.isBusy, addAdmission() {} }, this.now),
      log,
      recordPlayer: (message) => void this.playerEvents.push(message),
      clients: this.clients,
      now: this.now,
      processId: () => matchMaker.processId,
      regions: ["local", "eu"],
      drainMs: 0,
      initialRating: 1500,
      invitations: new Invitations((to, invitation) => void this.invited.push({ to, ...invitation })),
    };
    this.server.define("arena", SeatedRoom).filterBy(["mode", "region", "rulesVersion", "band"] as never);
    this.server.define("queue", queueRoom([game], services)).filterBy(["pool"] as never);
    this.server.define("party", partyRoom([game], services));
    return this;
  }

  /** A client whose token contains id and rating. */
  async client(playerId: string, rating = 1500): Promise<Client> {
    const client = new Client(`http://127.0.0.1:${(this.http.address() as AddressInfo).port}`);
    await new Promise(setImmediate);
    client.auth.token = playerId === "" ? (undefined as never) : `${playerId}:${rating}`;
    return client;
  }

  keep<R extends ClientRoom<any, any>>(room: R): R {
    Object.assign(room.reconnection, { minUptime: 0, delay: 20, minDelay: 20, maxDelay: 100 });
    this.rooms.push(room as never);
    return room;
  }

  async enter(playerId: string, options: object = {}, rating = 1500): Promise<Queued> {
    const client = await this.client(playerId, rating);
    const room = this.keep(await client.joinOrCreate<any>("queue", { mode: "duel", strategy: "elo", ...options }));
    return new Queued(client, room, this);
  }

  /** Runs one pass of the pairing process, and delivers its results to all clients. */
  async pass(): Promise<void> {
    await this.pairer.pass();
    await this.pairer.untilOpened();
    await this.queue.heartbeat();
    await this.pool.registerHolder(matchMaker.processId, 3_600_000);
    await this.settle();
  }

  /**
   * Resolves once the rooms have handled every message and departure so far, and the clients have received the resulting messages
   * and states.
   */
  async settle(): Promise<void> {
    await this.exchangePings();
    for (const room of this.localRooms()) room.broadcastPatch();
    await this.exchangePings();
  }

  private localRooms(): Room[] {
    const ids = new Set(this.rooms.map(({ roomId }) => roomId));
    return [...ids].flatMap((id) => matchMaker.getLocalRoomById(id) ?? []);
  }

  /** Relies on the order of a socket: a ping arrives after everything sent before it, and so does its answer. */
  private async exchangePings(): Promise<void> {
    const sockets = this.localRooms().flatMap(({ clients }) =>
      [...clients].map(({ ref }) => ref as unknown as WebSocket),
    );
    await Promise.all(sockets.map(answered));
    // The pool is in memory, so a handler waits for nothing that takes longer than a few turns.
    for (let turns = 0; turns < TURNS; turns++) await turn();
  }

  forward(ms: number): void {
    this.ahead += ms;
    // Otherwise the pool would consider the process dead.
    void this.pool.registerHolder(matchMaker.processId, 3_600_000);
  }

  kinds(playerId: string): string[] {
    return this.events.filter(({ player }) => player === playerId).map(({ kind }) => kind);
  }

  /** What was recorded of a player, each as `room` or party code, kind and reason. */
  storyOf(playerId: string): string[] {
    const own = this.playerEvents.filter(({ player }) => player === playerId);
    return own.map(({ kind, room, party, reason }) => [room ?? party, kind, reason].filter(Boolean).join(" "));
  }

  seatsOf(roomId: string): Record<string, number> {
    return (matchMaker.getLocalRoomById(roomId) as unknown as SeatedRoom).seated;
  }

  async leaveAll(): Promise<void> {
    for (const room of this.rooms.splice(0)) {
      room.reconnection.enabled = false;
      if (room.connection.isOpen) await room.leave().catch(() => {});
    }
    this.events.length = 0;
    this.playerEvents.length = 0;
    // Otherwise the pairing would avoid players who met in an earlier test, and a cooldown could still last.
    this.forward(RECENT_MS);
  }

  async stop(): Promise<void> {
    await this.leaveAll();
    await this.pairer.stop();
    await this.server.gracefullyShutdown(false);
    await this.queue.stop();
    this.http.close();
    this.http.closeAllConnections();
  }
}

/** A client in a queue or party room, and the messages that it received. */
export class Queued {
  readonly client: Client;
  readonly room: ClientRoom<any, any>;
  readonly seats: any[] = [];
  readonly errors: (number | undefined)[] = [];
  readonly messages: string[] = [];
  /** Contents of the messages `queueEnded`. */
  readonly ended: object[] = [];
  closed: Promise<number>;
  private readonly host: QueueHost;

  constructor(client: Client, room: ClientRoom<any, any>, host: QueueHost) {
    Object.assign(this, { client, room, host });
    this.client = client;
    this.room = room;
    this.host = host;
    room.onMessage("seat", (seat: any) => this.seats.push(seat));
    for (const type of ["returned", "queueEnded"]) room.onMessage(type, () => this.messages.push(type));
    room.onMessage("queueEnded", (message: object) => this.ended.push(message));
    room.onError((code) => this.errors.push(code));
    this.closed = new Promise((resolve) => room.onLeave((code) => resolve(code)));
  }

  /** Joins the match with the latest seat. */
  async joinMatch(): Promise<ClientRoom<any, any>> {
    return this.host.keep(await this.client.consumeSeatReservation<any>(this.seats.at(-1)));
  }

  async confirm(): Promise<void> {
    this.room.send("confirm");
    await this.host.settle();
  }
}

/** Resolves with the answer to a ping, or with the end of the connection. */
async function answered(socket: WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return;
  const done = new AbortController();
  const { signal } = done;
  const ends = [once(socket, "pong", { signal }), once(socket, "close", { signal })];
  if (socket.readyState === WebSocket.OPEN) socket.ping();
  await Promise.race(ends);
  done.abort();
  await Promise.allSettled(ends);
}

const ratings = new Map<string, number>();

const identityOf = (playerId: string) => ({
  ...({ playerId, kind: "account", version: 0, name: null, rating: ratings.get(playerId)!, games: 3 } as const),
});

const admission: Admission = {
  async identify(token) {
    if (!token) throw Object.assign(new Error("TOKEN_MISSING"), { refusal: "TOKEN_MISSING" });
    const [playerId, rating] = token.split(":");
    ratings.set(playerId, Number(rating));
    return identityOf(playerId);
  },
  identifyAgain: async ({ playerId }) => identityOf(playerId),
};

async function queueParty(code: string, playerId: string, request: object): Promise<any> {
  if ((await matchMaker.getRoomById(code)) === undefined) return null;
  return matchMaker.remoteRoomCall(code, "queueFor" as never, [playerId, request]);
}
