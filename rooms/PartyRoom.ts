/**
 * Owns a party: who is in it, who leads it, who is ready, and its place in the queue. It pairs nobody and plays nothing. Its code is
 * the room's id; what must survive this process is kept with the parties' store.
 */
import { type AuthContext, type Client, Room } from "@colyseus/core";
import { closeCodes } from "../schema/codes.ts";
import { PartyMember, PartyState } from "../schema/partyState.ts";
import { queueCloseCodes } from "../schema/queueCodes.ts";
import { partyMessages, partyOptions, type SeatReservation, type Strategy } from "../schema/queueRequests.ts";
import { NoInput } from "../schema/queueState.ts";
import type { Game } from "../src/game/Game.ts";
import { mayReturn } from "./departure.ts";
import { guardMessages } from "./guardMessages.ts";
import { RECONNECT_MS } from "./limits.ts";
import { newPartyCode, partyPlaces, teamPlaces } from "./partyRules.ts";
import { queuePlayer } from "./QueueRoom.ts";
import { checkWish, identify, methodOf, QueueRefused, readOptions, replace } from "./queueDoor.ts";
import type { KeptParty, QueueKey, QueueListener, QueueServices } from "./queueServices.ts";
import type { Identity } from "./services.ts";

const FIGURES_EVERY_MS = 1000;
const PATCH_EVERY_MS = 100;
const MESSAGES_PER_SECOND = 10;
/** How long a party that was made again waits for its members. */
const RETURN_MS = 60_000;

interface PartyAuth extends Identity {
  /** Asked again for the rating when the mode is known. Never leaves the server. */
  readonly token: string;
}

interface MemberOptions {
  /** Set by the server alone: the code of a party, and the process of it that has died. */
  readonly restore?: { readonly code: string; readonly from: string };
  readonly role?: number;
  readonly name?: string;
  /** Of the process that let the member in. */
  readonly rulesVersion: string;
}

interface Wish {
  readonly mode: string;
  readonly strategy: Strategy;
  readonly region?: string;
}

export function partyRoom(game: Game, services: QueueServices) {
  const { matchmaking, invitations, parties, admission, log } = services;
  const anyMode = Object.keys(game.modes)[0];

  return class PartyRoom extends Room<{ state: PartyState; input: any }> {
    static override async onAuth(token: string | undefined, raw: any, context: AuthContext): Promise<PartyAuth> {
      if (!["create", "joinById"].includes(methodOf(context))) throw new QueueRefused("PARTY_DOOR");
      const options = readOptions(partyOptions, raw);
      checkWish(game, options);
      const identity = await identify(admission, token, anyMode);
      replace(raw, { ...options, rulesVersion: game.rules.version });
      return { ...identity, token: token! };
    }

    override inputs = this.defineInput(NoInput);
    override state = new PartyState();
    override maxClients = partyPlaces(game);
    override patchRate = PATCH_EVERY_MS;
    override maxMessagesPerSecond = MESSAGES_PER_SECOND;
    override autoDispose = false;
    override onUncaughtException = (error: Error, method: string): void =>
      log.error({ err: error, roomId: this.roomId, method }, "a party room's handler threw");
    override messages = {
      ready: (client: Client, said: unknown) => this.answer(client, () => this.setReady(client, said)),
      kick: (client: Client, said: unknown) => this.answer(client, () => this.kick(client, said)),
      leader: (client: Client, said: unknown) => this.answer(client, () => this.passOn(client, said)),
      invite: (client: Client, said: unknown) => this.answer(client, () => this.invite(client, said)),
      queue: (client: Client, said: unknown) => this.answer(client, () => this.queue(client, said)),
      cancel: (client: Client) => this.answer(client, () => this.cancel(client)),
      confirm: (client: Client) => this.answer(client, () => this.confirm(client)),
    };
    private key: QueueKey | null = null;
    private entryId = "";
    private kicked: string[] = [];
    private found: { readonly seats: Readonly<Record<string, SeatReservation>>; readonly confirmBy: number } | null =
      null;
    private kept: Promise<void> = Promise.resolve();
    private closed = false;

    override async onCreate({ restore }: MemberOptions): Promise<void> {
      const { processId } = this;
      const party =
        restore === undefined ? await this.begin() : await parties.adopt(restore.code, restore.from, processId);
      if (party === null) throw new QueueRefused("QUEUE_UNAVAILABLE", "the party is not there any more");
      this.roomId = party.code;
      this.kicked = [...party.kicked];
      Object.assign(this.state, { code: party.code, leader: party.leader });
      void this.setPrivate(true);
      guardMessages(this, (client) => client.leave(closeCodes.MESSAGE_INVALID.code));
      this.clock.setInterval(() => void this.showFigures(), FIGURES_EVERY_MS);
      this.clock.setTimeout(() => this.closeIfEmpty(), RETURN_MS);
    }

    override onJoin(client: Client, options: MemberOptions, auth: PartyAuth): void {
      const { playerId } = auth;
      checkWish(game, { rulesVersion: options.rulesVersion });
      if (this.kicked.includes(playerId)) throw new QueueRefused("PARTY_REFUSED");
      if (this.entryId !== "") throw new QueueRefused("PARTY_QUEUED");
      const before = this.sessionOf(playerId);
      // The same person by a new connection: the old one is given up.
      if (before !== null) this.remove(before, queueCloseCodes.QUEUE_REPLACED.code);
      const member = new PartyMember();
      const name = auth.name ?? options.name ?? `Player-${playerId.slice(0, 4)}`;
      Object.assign(member, { playerId, name, connected: true });
      client.userData = options;
      this.state.members.set(client.sessionId, member);
      if (this.state.leader === "") this.state.leader = playerId;
      this.keep();
    }

    override onDrop(client: Client, code: number): void {
      const member = this.state.members.get(client.sessionId);
      if (member === undefined || !mayReturn(code)) return;
      member.connected = false;
      this.allowReconnection(client, RECONNECT_MS / 1000).catch(() => {});
    }

    override onReconnect(client: Client): void {
      const member = this.state.members.get(client.sessionId);
      if (member === undefined) return;
      member.connected = true;
      const { found } = this;
      if (found !== null && Date.now() < found.confirmBy) client.send("seat", found.seats[member.playerId]);
    }

    override async onLeave(client: Client): Promise<void> {
      const member = this.state.members.get(client.sessionId);
      if (member === undefined) return;
      this.state.members.delete(client.sessionId);
      if (this.state.leader === member.playerId) this.state.leader = this.firstMember();
      // One who has confirmed and goes to play does not take the others out of the queue.
      if (this.entryId !== "" && !member.confirmed) await this.leaveQueue();
      this.keep();
      this.closeIfEmpty();
    }

    override async onDispose(): Promise<void> {
      this.closed = true;
      if (this.entryId !== "") await this.leaveQueue();
      await this.kept;
      if (this.state.code !== "") await parties.remove(this.state.code).catch(() => {});
    }

    override onBeforeShutdown(): void {
      void this.disconnect(closeCodes.SERVER_SHUTDOWN.code);
    }

    /** For tickets, from any process: the leader's wish, without a socket of it. Gives the entry, or the name of the refusal. */
    async queueFor(playerId: string, wish: Wish): Promise<{ entryId: string } | { refusal: string }> {
      try {
        return { entryId: await this.enter(playerId, wish, playerId) };
      } catch (error) {
        return { refusal: (error as { refusal?: string }).refusal ?? "QUEUE_UNAVAILABLE" };
      }
    }

    /** Keeps what must survive this process; one after the other, so that the latest stands. */
    keep(): void {
      const { code, leader } = this.state;
      const party = { code, leader, processId: this.processId, kicked: [...this.kicked] };
      this.kept = this.kept
        .then(() => (this.closed ? undefined : parties.save(party)))
        .catch((error) => log.warn({ err: error, code }, "a party could not be kept"));
    }

    private setReady(client: Client, said: unknown): void {
      this.member(client).ready = readOptions(partyMessages.ready, said ?? true);
    }

    private kick(client: Client, said: unknown): void {
      this.leaderOnly(client);
      const { playerId } = readOptions(partyMessages.kick, said);
      const sessionId = this.sessionOf(playerId);
      if (sessionId === null || playerId === this.state.leader) return;
      this.kicked.push(playerId);
      this.remove(sessionId, queueCloseCodes.PARTY_KICKED.code);
      this.keep();
    }

    private passOn(client: Client, said: unknown): void {
      this.leaderOnly(client);
      const { playerId } = readOptions(partyMessages.leader, said);
      if (this.sessionOf(playerId) === null) return;
      this.state.leader = playerId;
      this.keep();
    }

    private async invite(client: Client, said: unknown): Promise<void> {
      const { playerId } = readOptions(partyMessages.invite, said);
      const from = this.member(client).playerId;
      const sent = await invitations.send(playerId, { from, partyId: this.state.code });
      if (!sent) throw new QueueRefused("INVITATIONS_LIMITED");
    }

    private async queue(client: Client, said: unknown): Promise<void> {
      await this.enter(this.member(client).playerId, readOptions(partyMessages.queue, said), null);
    }

    private async cancel(client: Client): Promise<void> {
      this.leaderOnly(client);
      if (this.entryId === "") throw new QueueRefused("NOT_QUEUED");
      await this.leaveQueue();
    }

    private async confirm(client: Client): Promise<void> {
      const member = this.member(client);
      const how = this.entryId === "" ? "unknown" : await matchmaking.confirm(this.entryId, member.playerId);
      if (how !== "confirmed" && how !== "again") throw new QueueRefused("CONFIRM_LATE");
      member.confirmed = true;
    }

    /** @param ticket the player who confirms by sitting down, null for nobody. */
    private async enter(playerId: string, wish: Wish, ticket: string | null): Promise<string> {
      if (playerId !== this.state.leader) throw new QueueRefused("NOT_LEADER");
      checkWish(game, wish);
      const members = [...this.state.members];
      if (members.length > teamPlaces(game, wish.mode)) throw new QueueRefused("PARTY_TOO_BIG");
      if (members.some(([, { ready, connected }]) => !ready || !connected)) throw new QueueRefused("NOT_READY");
      if (this.entryId !== "" || this.state.phase !== "idle") throw new QueueRefused("PARTY_QUEUED");
      this.state.phase = "queued";
      try {
        const players = await Promise.all(members.map(([sessionId]) => this.playerOf(sessionId, wish.mode, ticket)));
        const { mode, strategy, region = services.region } = wish;
        const key = { mode, strategy, region, rulesVersion: game.rules.version };
        const place = await matchmaking.enter({ ...key, players, party: this.state.code }, this.listener());
        if (place === null) throw new QueueRefused("ALREADY_QUEUED");
        this.key = key;
        this.entryId = place.entryId;
        Object.assign(this.state, { mode, strategy, waitingSince: place.enteredAt });
        // Somebody left for good while the pool was asked.
        if (members.some(([sessionId]) => !this.state.members.has(sessionId))) await this.leaveQueue();
        return place.entryId;
      } catch (error) {
        this.reset();
        throw error;
      }
    }

    private async playerOf(sessionId: string, mode: string, ticket: string | null) {
      const client = this.clients.getById(sessionId);
      if (client === undefined) throw new QueueRefused("NOT_READY");
      const identity = await identify(admission, (client.auth as PartyAuth).token, mode);
      const player = queuePlayer(identity, client.userData, services.initialRating);
      return player.playerId === ticket ? { ...player, via: "ticket" as const } : player;
    }

    private listener(): QueueListener {
      return {
        found: (seats, confirmBy) => {
          this.found = { seats, confirmBy };
          this.state.phase = "found";
          for (const client of this.clients) client.send("seat", seats[this.member(client).playerId]);
        },
        returned: () => {
          this.found = null;
          this.state.phase = "queued";
          for (const member of this.state.members.values()) member.confirmed = false;
          this.broadcast("returned", {});
        },
        gone: (how) => {
          this.reset();
          this.broadcast("queueEnded", { how });
        },
      };
    }

    private async leaveQueue(): Promise<void> {
      const { entryId } = this;
      this.reset();
      await matchmaking
        .leave(entryId)
        .catch((error) => log.warn({ err: error }, "a party that left stays in the queue until it notices"));
    }

    private reset(): void {
      this.entryId = "";
      this.key = null;
      this.found = null;
      Object.assign(this.state, { phase: "idle", mode: "", strategy: "", waitingSince: 0, waiting: 0 });
      for (const member of this.state.members.values()) Object.assign(member, { ready: false, confirmed: false });
    }

    private async answer(client: Client, work: () => void | Promise<void>): Promise<void> {
      try {
        await work();
      } catch (error) {
        const { code, message } = error as { code?: number; message: string };
        client.error(code ?? 0, message);
      }
    }

    private async begin(): Promise<KeptParty | null> {
      for (let attempt = 0; attempt < 5; attempt++) {
        const party = { code: newPartyCode(), processId: this.processId, leader: "", kicked: [] };
        if (await parties.create(party)) return party;
      }
      return null;
    }

    private get processId(): string {
      return services.processId();
    }

    private member(client: Client): PartyMember {
      const member = this.state.members.get(client.sessionId);
      if (member === undefined) throw new QueueRefused("NOT_QUEUED", "not a member any more");
      return member;
    }

    private leaderOnly(client: Client): void {
      if (this.member(client).playerId !== this.state.leader) throw new QueueRefused("NOT_LEADER");
    }

    private sessionOf(playerId: string): string | null {
      for (const [sessionId, member] of this.state.members) if (member.playerId === playerId) return sessionId;
      return null;
    }

    private firstMember(): string {
      return [...this.state.members.values()][0]?.playerId ?? "";
    }

    private remove(sessionId: string, code: number): void {
      const client = this.clients.getById(sessionId);
      this.state.members.delete(sessionId);
      client?.leave(code);
      if (this.entryId !== "") void this.leaveQueue();
    }

    private closeIfEmpty(): void {
      if (this.state.members.size === 0 && !this.closed) void this.disconnect();
    }

    private async showFigures(): Promise<void> {
      if (this.key === null) return;
      try {
        const { waiting, waitMs } = await matchmaking.figures(this.key);
        Object.assign(this.state, { waiting, estimatedWaitMs: waitMs ?? 0 });
      } catch {
        // The numbers stay as they are until the pool answers again; its own loop says what is wrong.
      }
    }
  };
}
