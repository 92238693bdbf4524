/** One view of a room for all its wire bots: right, and without gaps for any of them, in whichever order their sockets are read. */
import assert from "node:assert/strict";
import { Encoder, Reflection, type SchemaType, schema, t } from "@colyseus/schema";
import fc from "fast-check";
import type { BotGame, BotView } from "../../loadtest/BotGame.ts";
import type { RoomReader } from "../../loadtest/RoomReader.ts";
import { RoomViews } from "../../loadtest/RoomView.ts";

const Body = schema({ x: t.uint16().default(0) }, "Body");
const State = schema({ tick: t.uint32().default(0), bodies: t.map(Body) }, "State");
type State = SchemaType<typeof State>;

/** What a bot saw of the state at each tick. */
type Seen = Map<number, string>;
const LINES = 4;
const STEP_MS = 50;

function gameThatNotes(seen: Seen): BotGame {
  const view = (state: State): BotView => ({
    get tick() {
      return state.tick;
    },
    tickRate: 20,
    over: false,
    follow: () => void seen.set(state.tick, JSON.stringify(state.toJSON())),
    think() {},
    place: () => -1,
    advance() {},
  });
  return { room: "room", modes: [], inputFields: [], input: () => null, view };
}

/** A room as the server has it, which sends each line its full state, then every patch. */
class Room {
  readonly state = new State();
  readonly lines = new Map<number, Line>();
  readonly was: Seen = new Map();
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
    this.was.set(state.tick, JSON.stringify(state.toJSON()));
    const body = Buffer.from(this.encoder.encode());
    this.encoder.discardChanges();
    for (const line of this.lines.values()) line.unread.push({ isFull: false, ms: this.ms, tick: state.tick, body });
  }

  sendFullState(line: Line): void {
    const body = Buffer.from(this.encoder.encodeAll());
    line.unread.push({ isFull: true, ms: this.ms, tick: this.state.tick, body });
  }
}

interface Message {
  readonly isFull: boolean;
  readonly ms: number;
  readonly tick: number;
  readonly body: Buffer;
}

class Line {
  readonly unread: Message[] = [];
  readonly told: number[] = [];
  readonly due: number[] = [];
  undecodable = 0;
  diverged = 0;
  readonly reader: RoomReader;

  constructor(views: RoomViews, layout: Buffer) {
    this.reader = views.enter("room", {
      patched: (seen, own) => {
        this.told.push(seen.tick);
        if (!seen.body.equals(own.body)) this.diverged++;
      },
      undecodable: () => void this.undecodable++,
    });
    this.reader.handshake(layout, 0);
  }

  read(): void {
    const message = this.unread.shift();
    if (message === undefined) return;
    const { isFull, body, ms, tick } = message;
    if (!isFull) this.due.push(tick);
    if (isFull) this.reader.takeFullState(body, 0, ms);
    else this.reader.takePatch(ms, 0, body);
  }
}

type Act = { do: "step"; gapMs: number; change: number } | { do: "join" | "read" | "leave" | "drop"; line: number };

const line = fc.nat({ max: LINES - 1 });
const step = fc.record({
  do: fc.constant("step" as const),
  // Ticks that are caught up with share a millisecond.
  gapMs: fc.constantFrom(STEP_MS, STEP_MS, STEP_MS, 0),
  change: fc.nat({ max: 3 }),
});
const acting = (...what: Exclude<Act["do"], "step">[]) => fc.record({ do: fc.constantFrom(...what), line });

/** `check` is given each line, and the tick of the full state that was read first. */
function play(acts: readonly Act[], check: (line: Line, began: number) => void): void {
  const seen: Seen = new Map();
  let began = -1;
  const views = new RoomViews(gameThatNotes(seen), "seed", true);
  const room = new Room();
  room.step(STEP_MS, 0);
  for (const act of acts) {
    if (act.do === "step") {
      room.step(act.gapMs, act.change);
      continue;
    }
    const line = room.lines.get(act.line);
    if (act.do === "read" && line !== undefined) {
      if (began < 0 && line.unread.length > 0) began = line.unread[0].tick;
      line.read();
    } else if (act.do === "join" && line === undefined) {
      const joined = new Line(views, room.layout);
      room.lines.set(act.line, joined);
      room.sendFullState(joined);
    } else if (act.do === "leave" && line !== undefined) {
      room.lines.delete(act.line);
      views.leave("room", line.reader);
    } else if (act.do === "drop" && line !== undefined) {
      line.unread.length = line.told.length = line.due.length = 0;
      line.reader.lose();
      room.sendFullState(line);
    }
  }
  room.step(STEP_MS, 3);
  for (const line of room.lines.values()) {
    if (began < 0) began = line.unread[0].tick;
    while (line.unread.length > 0) line.read();
  }
  for (const line of room.lines.values()) {
    assert.equal(line.undecodable, 0);
    assert.equal(line.diverged, 0);
    check(line, began);
  }
  for (const [tick, state] of seen) assert.equal(state, room.was.get(tick), `the state at tick ${tick}`);
}

describe("the view that the wire bots of a room share", () => {
  it("gives each line all of its patches in order from the first state that was read, whichever socket is read first", () => {
    const acts = fc.array(fc.oneof(step, acting("join", "read", "read", "read")), { maxLength: 120 });
    const check = ({ told, due }: Line, began: number) => {
      const from = due.findIndex((tick) => tick > began);
      assert.deepEqual(told, from < 0 ? [] : due.slice(from));
    };
    fc.assert(
      fc.property(acts, (all) => play(all, check)),
      { numRuns: 2000 },
    );
  });

  it("leaves no gap and no wrong state where lines leave or come back with patches unread", () => {
    const acts = fc.array(fc.oneof(step, acting("join", "join", "read", "read", "read", "read", "leave", "drop")), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(acts, (all) =>
        play(all, ({ told, due }) => assert.deepEqual(told, due.slice(due.length - told.length))),
      ),
      { numRuns: 2000 },
    );
  });

  it("goes on without a patch that no line has", () => {
    const views = new RoomViews(gameThatNotes(new Map()), "seed", true);
    const room = new Room();
    room.step(STEP_MS, 0);
    const lines = [0, 1].map((number) => {
      const joined = new Line(views, room.layout);
      room.lines.set(number, joined);
      room.sendFullState(joined);
      joined.read();
      return joined;
    });
    for (let tick = 2; tick <= 6; tick++) room.step(STEP_MS, 2);
    lines[1].unread.splice(0, 3);
    while (lines[0].unread.length > 2) lines[0].read();
    views.leave("room", lines[0].reader);
    while (lines[1].unread.length > 0) lines[1].read();
    assert.deepEqual(lines[1].told, [5, 6]);
  });
});
