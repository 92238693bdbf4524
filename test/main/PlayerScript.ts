/** What players and an operator of a small game do. It notes what must be recorded of each act. */
import { setTimeout as pause } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";
import { closeCodes } from "../../schema/codes.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";

const PASSWORD = "correct horse battery";

/** Reasons by close code. When one player has left, the match ends, and may close the connection of the other first. */
const endOfMatch = new Map<number, string>([
  [closeCodes.CONSENTED.code, "left"],
  [closeCodes.MATCH_OVER.code, "match_over"],
  [closeCodes.MATCH_ABANDONED.code, "match_abandoned"],
]);

export interface Person {
  readonly id: string;
  token: string;
  /** Null for a guest. */
  email: string | null;
}

export interface Session {
  readonly player: string;
  readonly room: "match" | "queue" | "party";
  readonly reason: string;
}

interface RatedMatch {
  readonly id: string;
  readonly players: readonly string[];
}

export class PlayerScript {
  /** Events of `logs_player` other than connections, each as kind, player and what distinguishes it. */
  readonly events: string[] = [];
  readonly sessions: Session[] = [];
  /** Acts of operators, each as act and player. */
  readonly acts: string[] = [];
  /** What no message may contain. */
  readonly texts: string[] = [];
  readonly matches: RatedMatch[] = [];
  readonly #url: string;
  readonly #operator: string;

  /** @param operator name and password, with a colon between them */
  constructor(url: string, operator: string) {
    this.#url = url;
    this.#operator = `Basic ${btoa(operator)}`;
  }

  async guest(): Promise<Person> {
    const { token, user } = await this.#request("POST", "/auth/anonymous", {});
    this.events.push(`signed_in ${user.id} anonymous`);
    return { id: user.id, token, email: null };
  }

  /** @param guest becomes the account */
  async register(name: string, guest?: Person): Promise<Person> {
    const email = `${name.toLowerCase()}@mail.example.com`;
    const body = { email, password: PASSWORD, options: { name } };
    const { token, user } = await this.#request("POST", "/auth/register", body, guest?.token);
    this.texts.push(name, email);
    this.events.push(`registered ${user.id} email ${guest !== undefined}`);
    if (guest !== undefined) Object.assign(guest, { token, email });
    return guest ?? { id: user.id, token, email };
  }

  /** With the password if the person has an account, otherwise with the token. */
  async signIn({ id, token, email }: Person): Promise<void> {
    if (email === null) await this.#request("POST", "/auth/anonymous", {}, token);
    else await this.#request("POST", "/auth/login", { email, password: PASSWORD });
    this.events.push(`signed_in ${id} ${email === null ? "token" : "email"}`);
  }

  async rename(person: Person, name: string): Promise<void> {
    await this.#request("PATCH", "/api/v1/me", { name }, person.token);
    this.texts.push(name);
    this.events.push(`renamed ${person.id}`);
  }

  async delete(person: Person): Promise<void> {
    await this.#request("DELETE", "/api/v1/me", undefined, person.token);
    this.events.push(`deleted ${person.id}`);
  }

  /** The leader forms it, and the other joins. The other leaves it or is removed by the leader, who then leaves. */
  async party(leader: Person, member: Person, isRemoved: boolean): Promise<void> {
    const room = await this.#join(leader, (client) => client.create("party", {}));
    const joined = await this.#join(member, (client) => client.joinById(room.roomId, {}));
    const gone = new Promise((resolve) => joined.onLeave(resolve));
    if (isRemoved) room.send("kick", { playerId: member.id });
    else await joined.leave();
    await gone;
    await room.leave();
    const reason = isRemoved ? "party_kicked" : "left";
    this.events.push(`party_formed ${leader.id} ${room.roomId}`, `party_joined ${member.id} ${room.roomId}`);
    this.events.push(`party_left ${member.id} ${room.roomId} ${reason}`, `party_left ${leader.id} ${room.roomId} left`);
    this.sessions.push(
      { player: member.id, room: "party", reason },
      { player: leader.id, room: "party", reason: "left" },
    );
  }

  /** A rated match. Both leave before its end. @param isDropped whether the first player is cut off once and comes back */
  async duel(first: Person, second: Person, isDropped: boolean): Promise<void> {
    const rooms: Room<any, any>[] = [];
    for (const person of [first, second])
      rooms.push(await this.#join(person, (client) => client.joinOrCreate("arena", { mode: "duel" })));
    while (rooms.some(({ state }) => state.phase !== "playing")) await pause(20);
    if (isDropped) await this.#drop(first, rooms[0]);
    this.matches.push({ id: rooms[0].state.matchId, players: [first.id, second.id] });
    const codes = rooms.map((room) => new Promise<number>((resolve) => room.onLeave(resolve)));
    for (const [at, { id: player }] of [first, second].entries()) {
      if (rooms[at].connection.isOpen) void rooms[at].leave();
      this.sessions.push({ player, room: "match", reason: endOfMatch.get(await codes[at])! });
    }
  }

  async #drop({ id: player }: Person, room: Room<any, any>): Promise<void> {
    Object.assign(room.reconnection, { enabled: true, minUptime: 0, delay: 20, minDelay: 20, maxDelay: 100 });
    const back = new Promise<void>((resolve) => room.onReconnect(resolve));
    (room.connection.transport as any).ws.close(4010);
    await back;
    room.reconnection.enabled = false;
    this.sessions.push({ player, room: "match", reason: "dropped" });
  }

  /** The player waits in the queue, and leaves it or is removed by an operator: once, or with a ban. */
  async queue(person: Person, end: "left" | "kick" | "ban"): Promise<void> {
    const room = await this.#join(person, (client) => client.joinOrCreate("queue", { mode: "duel", strategy: "elo" }));
    const gone = new Promise((resolve) => room.onLeave(resolve));
    if (end === "left") await room.leave();
    else await this.#remove(person, end);
    await gone;
    this.sessions.push({ player: person.id, room: "queue", reason: end === "left" ? "left" : "kicked" });
  }

  async #remove({ id }: Person, act: "kick" | "ban"): Promise<void> {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    if (act === "kick") await this.#request("POST", `/admin/players/${id}/kick`, { reason: "insults" });
    else await this.#request("PUT", `/admin/players/${id}/ban`, { until, reason: "cheats" });
    this.acts.push(`${act} ${id}`);
  }

  async unban({ id }: Person): Promise<void> {
    await this.#request("DELETE", `/admin/players/${id}/ban`, { reason: "appeal" });
    this.acts.push(`unban ${id}`);
  }

  async #join(person: Person, join: (client: Client) => Promise<Room<any, any>>): Promise<Room<any, any>> {
    const client = new Client(this.#url);
    // Outside a browser the SDK keeps one token for all clients of the process, and assigns it a moment later.
    await new Promise(setImmediate);
    client.auth.token = person.token;
    const room = await untilAccepted(() => join(client));
    room.reconnection.enabled = false;
    room.onMessage("*", () => {});
    return room;
  }

  async #request(method: string, route: string, body?: object, token?: string): Promise<any> {
    const isOperators = route.startsWith("/admin/");
    const authorization = isOperators ? this.#operator : token === undefined ? null : `Bearer ${token}`;
    const answer = await fetch(`${this.#url}${route}`, {
      method,
      headers: { ...(authorization && { authorization }), ...(body && { "content-type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }
}
