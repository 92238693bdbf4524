/**
 * What players and an operator do in an hour of a small game, in short: sign-ins, connections, drops, parties, a rated match, a ban, a
 * change of name and deletions. It notes what must be recorded of each act.
 */
import { setTimeout as pause } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";
import { untilAccepted } from "../chaos/untilAccepted.ts";

const PASSWORD = "correct horse battery";

export interface Person {
  readonly id: string;
  token: string;
}

export interface Session {
  readonly player: string;
  readonly room: "match" | "queue" | "party";
  readonly reason: string;
}

export class PlayerScript {
  /** Events of `logs_player` other than connections, each as kind, player and what distinguishes it. */
  readonly events: string[] = [];
  readonly sessions: Session[] = [];
  /** Acts of operators, each as act and player. */
  readonly acts: string[] = [];
  /** What no message may contain. */
  readonly texts: string[] = [];
  /** The rated match, and its players. */
  match: { readonly id: string; readonly players: readonly string[] } | null = null;
  readonly #url: string;
  readonly #operator: string;

  /** @param operator name and password, with a colon between them */
  constructor(url: string, operator: string) {
    this.#url = url;
    this.#operator = `Basic ${btoa(operator)}`;
  }

  async play(): Promise<void> {
    const [guest, other] = [await this.#guest(), await this.#guest()];
    const mia = await this.#register("Mia");
    await this.#request("POST", "/auth/login", { email: this.#email("Mia"), password: PASSWORD });
    this.events.push(`signed_in ${mia.id} email`);
    await this.#request("POST", "/auth/anonymous", {}, guest.token);
    this.events.push(`signed_in ${guest.id} token`);
    await this.#party(mia, other);
    await this.#duel(guest, mia);
    await this.#rename(mia, "Zoe");
    await this.#register("Ada", guest);
    await this.#ban(other);
    await this.#delete(guest);
    await this.#delete(mia);
  }

  async #guest(): Promise<Person> {
    const { token, user } = await this.#request("POST", "/auth/anonymous", {});
    this.events.push(`signed_in ${user.id} anonymous`);
    return { id: user.id, token };
  }

  #email(name: string): string {
    return `${name.toLowerCase()}@mail.example.com`;
  }

  /** @param guest becomes the account */
  async #register(name: string, guest?: Person): Promise<Person> {
    const body = { email: this.#email(name), password: PASSWORD, options: { name } };
    const { token, user } = await this.#request("POST", "/auth/register", body, guest?.token);
    this.texts.push(name, body.email);
    this.events.push(`registered ${user.id} email ${guest !== undefined}`);
    if (guest !== undefined) guest.token = token;
    return { id: user.id, token };
  }

  async #rename(person: Person, name: string): Promise<void> {
    await this.#request("PATCH", "/api/v1/me", { name }, person.token);
    this.texts.push(name);
    this.events.push(`renamed ${person.id}`);
  }

  async #delete(person: Person): Promise<void> {
    await this.#request("DELETE", "/api/v1/me", undefined, person.token);
    this.events.push(`deleted ${person.id}`);
  }

  /** The leader forms it, the other joins, waits in the queue with it, and is banned from it later: here both leave. */
  async #party(leader: Person, member: Person): Promise<void> {
    const room = await this.#join(leader, (client) => client.create("party", {}));
    const joined = await this.#join(member, (client) => client.joinById(room.roomId, {}));
    await joined.leave();
    await room.leave();
    this.events.push(`party_formed ${leader.id} ${room.roomId}`, `party_joined ${member.id} ${room.roomId}`);
    for (const { id } of [member, leader]) this.events.push(`party_left ${id} ${room.roomId} left`);
    for (const { id: player } of [member, leader]) this.sessions.push({ player, room: "party", reason: "left" });
  }

  /** A rated match, in which the first player is cut off once and comes back. Both leave before its end. */
  async #duel(first: Person, second: Person): Promise<void> {
    const rooms: Room<any, any>[] = [];
    for (const person of [first, second])
      rooms.push(await this.#join(person, (client) => client.joinOrCreate("arena", { mode: "duel" })));
    while (rooms.some(({ state }) => state.phase !== "playing")) await pause(20);
    const [room] = rooms;
    Object.assign(room.reconnection, { enabled: true, minUptime: 0, delay: 20, minDelay: 20, maxDelay: 100 });
    const back = new Promise<void>((resolve) => room.onReconnect(resolve));
    (room.connection.transport as any).ws.close(4010);
    await back;
    room.reconnection.enabled = false;
    this.match = { id: room.state.matchId, players: [first.id, second.id] };
    for (const one of rooms) await one.leave();
    this.sessions.push({ player: first.id, room: "match", reason: "dropped" });
    for (const { id: player } of [first, second]) this.sessions.push({ player, room: "match", reason: "left" });
  }

  /** From the queue, in which the player waits. */
  async #ban(person: Person): Promise<void> {
    const room = await this.#join(person, (client) => client.joinOrCreate("queue", { mode: "duel", strategy: "elo" }));
    const closed = new Promise((resolve) => room.onLeave(resolve));
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await this.#request("PUT", `/admin/players/${person.id}/ban`, { until, reason: "cheats" });
    await closed;
    this.sessions.push({ player: person.id, room: "queue", reason: "kicked" });
    this.acts.push(`ban ${person.id}`);
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
