import assert from "node:assert/strict";
import { Encoder, Reflection, type SchemaType, schema, t } from "@colyseus/schema";
import fc from "fast-check";
import type { BotGame } from "../../loadtest/BotGame.ts";
import type { PatchQueue } from "../../loadtest/PatchQueue.ts";
import { RoomDecoders } from "../../loadtest/RoomDecoder.ts";
import type { BotView } from "../../src/game/LoadBots.ts";

const Body = schema({ x: t.uint16().default(0) }, "Body");
const State = schema({ tick: t.uint32().default(0), bodies: t.map(Body) }, "State");
type State = SchemaType<typeof State>;

/** The state at each tick, as JSON. */
type StatesByTick = Map<number, string>;
const CONNECTIONS = 4;
const STEP_MS = 50;

function recordingGame(seen: StatesByTick): BotGame {
  const view = (state: State): BotView => ({
    get tick() {
      return state.tick;
    },
    tickRate: 20,
    isOver: false,
    update: () => void seen.set(state.tick, JSON.stringify(state.toJSON())),
    think() {},
    readPosition: () => -1,
    movePosition() {},
  });
  return { room: "room", modes: [], inputFields: [], input: () => null, view };
}

/** The server's side of a room: sends each connection a full state, then every patch. */
class Room {
  readonly state = new State();
  readonly connections = new Map<number, Connection>();
  readonly states: StatesByTick = new Map();
  private readonly encoder = new Encoder(this.state);
  private ms = 0;
  private bodies = 0;

  readonly layout = Buffer.from(Reflection.encode(this.encoder));

  step(gapMs: number, change: number): void {
    const { state } = this;
    this.ms += gapMs;
    state.tick++;
    if (change === 0) state.bodies.set(`b${this.bodies++}`, new Body());
    if (change === 1) state.bodies.delete([...state.bodies.keys()][0] ?? "");
    for (const body of state.bodies.values()) body.x = state.tick;
    this.states.set(state.tick, JSON.stringify(state.toJSON()));
    const body = Buffer.from(this.encoder.encode());
    this.encoder.discardChanges();
    for (const connection of this.connections.values())
      connection.unread.push({ isFull: false, ms: this.ms, tick: state.tick, body });
  }

  sendFullState(connection: Connection): void {
    const body = Buffer.from(this.encoder.encodeAll());
    connection.unread.push({ isFull: true, ms: this.ms, tick: this.state.tick, body });
  }
}

interface Message {
  readonly isFull: boolean;
  readonly ms: number;
  readonly tick: number;
  readonly body: Buffer;
}

class Connection {
  readonly unread: Message[] = [];
  readonly patched: number[] = [];
  readonly due: number[] = [];
  undecodable = 0;
  diverged = 0;
  readonly queue: PatchQueue;

  constructor(decoders: RoomDecoders, layout: Buffer) {
    this.queue = decoders.enter("room", {
      patched: (decoded, own) => {
        this.patched.push(decoded.tick);
        if (!decoded.body.equals(own.body)) this.diverged++;
      },
      undecodable: () => void this.undecodable++,
    });
    this.queue.receiveLayout(layout, 0);
  }

  read(): void {
    const message = this.unread.shift();
    if (message === undefined) return;
    const { isFull, body, ms, tick } = message;
    if (!isFull) this.due.push(tick);
    if (isFull) this.queue.receiveFullState(body, 0, ms);
    else this.queue.receivePatch(ms, 0, body);
  }
}

type Act =
  | { do: "step"; gapMs: number; change: number }
  | { do: "join" | "read" | "leave" | "drop"; connection: number };

const connection = fc.nat({ max: CONNECTIONS - 1 });
const step = fc.record({
  do: fc.constant("step" as const),
  // If a server catches up, several ticks share a millisecond.
  gapMs: fc.constantFrom(STEP_MS, STEP_MS, STEP_MS, 0),
  change: fc.nat({ max: 3 }),
});
const actOn = (...what: Exclude<Act["do"], "step">[]) => fc.record({ do: fc.constantFrom(...what), connection });

/**
 * Plays the acts, reads the rest, and then calls `check` with each connection and with the tick of the full state that was read
 * first.
 */
function play(acts: readonly Act[], check: (connection: Connection, firstTick: number) => void): void {
  const seen: StatesByTick = new Map();
  let firstTick = -1;
  const decoders = new RoomDecoders(recordingGame(seen), "seed", true);
  const room = new Room();
  room.step(STEP_MS, 0);
  for (const act of acts) {
    if (act.do === "step") {
      room.step(act.gapMs, act.change);
      continue;
    }
    const connection = room.connections.get(act.connection);
    if (act.do === "read" && connection !== undefined) {
      if (firstTick < 0 && connection.unread.length > 0) firstTick = connection.unread[0].tick;
      connection.read();
    } else if (act.do === "join" && connection === undefined) {
      const joined = new Connection(decoders, room.layout);
      room.connections.set(act.connection, joined);
      room.sendFullState(joined);
    } else if (act.do === "leave" && connection !== undefined) {
      room.connections.delete(act.connection);
      decoders.leave("room", connection.queue);
    } else if (act.do === "drop" && connection !== undefined) {
      connection.unread.length = connection.patched.length = connection.due.length = 0;
      connection.queue.disconnect();
      room.sendFullState(connection);
    }
  }
  room.step(STEP_MS, 3);
  for (const connection of room.connections.values()) {
    if (firstTick < 0) firstTick = connection.unread[0].tick;
    while (connection.unread.length > 0) connection.read();
  }
  for (const connection of room.connections.values()) {
    assert.equal(connection.undecodable, 0);
    assert.equal(connection.diverged, 0);
    check(connection, firstTick);
  }
  for (const [tick, state] of seen) assert.equal(state, room.states.get(tick), `the state at tick ${tick}`);
}

describe("the decoder that the wire bots of a room share", () => {
  it("delivers all patches to each connection in order, starting with the first full state that is read, in whichever order the sockets are read", () => {
    const acts = fc.array(fc.oneof(step, actOn("join", "read", "read", "read")), { maxLength: 120 });
    const check = ({ patched, due }: Connection, firstTick: number) => {
      const from = due.findIndex((tick) => tick > firstTick);
      assert.deepEqual(patched, from < 0 ? [] : due.slice(from));
    };
    fc.assert(
      fc.property(acts, (all) => play(all, check)),
      { numRuns: 2000 },
    );
  });

  it("has no gap and no wrong state when connections leave or reconnect with unread patches", () => {
    const acts = fc.array(fc.oneof(step, actOn("join", "join", "read", "read", "read", "read", "leave", "drop")), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(acts, (all) =>
        play(all, ({ patched, due }) => assert.deepEqual(patched, due.slice(due.length - patched.length))),
      ),
      { numRuns: 2000 },
    );
  });

  it("continues without a patch that no connection has", () => {
    const decoders = new RoomDecoders(recordingGame(new Map()), "seed", true);
    const room = new Room();
    room.step(STEP_MS, 0);
    const connections = [0, 1].map((number) => {
      const joined = new Connection(decoders, room.layout);
      room.connections.set(number, joined);
      room.sendFullState(joined);
      joined.read();
      return joined;
    });
    for (let tick = 2; tick <= 6; tick++) room.step(STEP_MS, 2);
    connections[1].unread.splice(0, 3);
    while (connections[0].unread.length > 2) connections[0].read();
    decoders.leave("room", connections[0].queue);
    while (connections[1].unread.length > 0) connections[1].read();
    assert.deepEqual(connections[1].patched, [5, 6]);
  });
});
