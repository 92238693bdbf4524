/**
 * The seats of a match and who holds them: players by session, bots, or nobody. It keeps the synced players up to date, and
 * collects changes until their tick is recorded. It does not depend on connections or on the rules of a game.
 */
import type { GameOptions } from "../../schema/joinOptions.ts";
import type { InputEvents, RoomMatchEvent, RosterEntry } from "../../schema/matchEvents.ts";
import { botName } from "../../schema/nameKeys.ts";
import { defaultRole } from "../../src/game/defaultRole.ts";
import { BOT, type Holder, NOBODY, PERSON } from "../../src/game/Frames.ts";
import type { Game, MatchResult, MatchStateShape, PlayerStateShape } from "../../src/game/Game.ts";
import { defaultsOf } from "../../src/game/readFields.ts";
import type { TeamMember } from "../../src/players/rating/TeamMember.ts";
import { chooseSeat } from "./chooseSeat.ts";

export interface SeatedPlayer {
  readonly sessionId: string;
  readonly playerId: string;
  readonly name: string;
  readonly rating: number | null;
  readonly games: number | null;
  readonly deviation: number | null;
  /** Whether a match with this player can be rated: not a private match, and the rating is known. */
  readonly isRatable: boolean;
  /** The game's own join options; if absent, the defaults. */
  readonly options?: GameOptions;
}

export class Seats {
  readonly holder: Uint8Array;
  readonly role: Uint8Array;
  readonly team: readonly number[];
  /** Entries of the synced state by seat; null for an empty seat. */
  readonly players: (PlayerStateShape | null)[];
  /** Changes since the last record. */
  readonly matchEvents: RoomMatchEvent[] = [];
  readonly changes: InputEvents["seat"][] = [];
  playerCount = 0;
  private readonly game: Game;
  private readonly state: MatchStateShape;
  private readonly seated: (SeatedPlayer | null)[];
  private readonly seatBySession = new Map<string, number>();
  private readonly leavers = new Set<string>();
  /** The join options of bots; undefined if the game has none. */
  private readonly defaults: GameOptions | undefined;
  private started: RosterEntry[] | null = null;

  constructor(game: Game, state: MatchStateShape, mode: string) {
    this.game = game;
    this.state = state;
    this.defaults = game.joinOptions && defaultsOf(game.joinOptions);
    this.team = game.modes[mode].teams;
    this.holder = new Uint8Array(this.team.length);
    this.role = Uint8Array.from(this.team, (_, seat) => this.defaultRole(seat));
    this.players = this.team.map(() => null);
    this.seated = this.team.map(() => null);
  }

  get count(): number {
    return this.team.length;
  }

  /** The role of a seat whose holder requested none. */
  defaultRole(seat: number): number {
    return defaultRole(this.team, seat, this.game.roles.length);
  }

  seatOf(sessionId: string): number {
    return this.seatBySession.get(sessionId) ?? -1;
  }

  /** Ids of the seated players, without bots. */
  get playerIds(): string[] {
    return this.seated.flatMap((player) => player?.playerId ?? []);
  }

  /** Returns the id of the player or bot that holds a seat; null for an empty seat. */
  playerId(seat: number): string | null {
    if (this.holder[seat] === BOT) return this.botId(seat);
    return this.seated[seat]?.playerId ?? null;
  }

  /** Returns the session id of the player who holds a seat; null for a bot, and for an empty seat. */
  sessionAt(seat: number): string | null {
    return this.seated[seat]?.sessionId ?? null;
  }

  /**
   * Seats a player. Returns the seat, or −1 if no seat is free or `chosen` is taken. With `keepRole`, the seat keeps the role of
   * the character that is already in play.
   */
  seatPlayer(player: SeatedPlayer, requestedRole: number | null, keepRole: boolean, chosen?: number): number {
    const seat = chosen ?? chooseSeat(this, requestedRole);
    if (seat < 0 || this.seated[seat] !== null) return -1;
    this.vacate(seat, "replaced");
    this.seated[seat] = player;
    this.seatBySession.set(player.sessionId, seat);
    this.playerCount++;
    if (!keepRole && requestedRole !== null) this.role[seat] = requestedRole;
    this.leavers.delete(player.playerId);
    this.occupy(seat, PERSON, player.sessionId, player.playerId, player.name, player.options);
    return seat;
  }

  /** The player of the session `from` continues on the session `to`. Returns the seat. Records nothing: its holder is the same. */
  changeSession(from: string, to: string): number {
    const seat = this.seatOf(from);
    const player = { ...this.seated[seat]!, sessionId: to };
    this.game.players(this.state).delete(from);
    this.seatBySession.delete(from);
    this.seatBySession.set(to, seat);
    this.seated[seat] = player;
    this.show(seat, to, player.playerId, player.name);
    return seat;
  }

  seatBot(seat: number): void {
    this.occupy(seat, BOT, this.botKey(seat), this.botId(seat), botName(seat));
  }

  /** Gives every empty seat to a bot, with the default role of the seat. */
  fillWithBots(): void {
    for (let seat = 0; seat < this.count; seat++) {
      if (this.holder[seat] !== NOBODY) continue;
      this.role[seat] = this.defaultRole(seat);
      this.seatBot(seat);
    }
  }

  /**
   * Removes a player who left for good. With `replaceByBot`, a bot takes over the character; otherwise the seat becomes empty.
   */
  leave(seat: number, reason: string, replaceByBot: boolean): void {
    this.leavers.add(this.seated[seat]!.playerId);
    this.vacate(seat, reason);
    if (replaceByBot) this.seatBot(seat);
    else this.addChange(seat, null, false);
  }

  /** Returns the players with their teams, without bots. */
  teamMembers(): TeamMember[] {
    return this.seated.flatMap((player, seat) =>
      player === null ? [] : [{ player: player.playerId, team: this.team[seat], games: player.games }],
    );
  }

  /** Returns null if the player has no seat. */
  playerOf(playerId: string): SeatedPlayer | null {
    return this.seated.find((player) => player?.playerId === playerId) ?? null;
  }

  /** Returns the seat that a player or bot with this id holds; −1 if there is none. */
  seatHeldBy(id: string): number {
    return this.players.findIndex((player) => player?.playerId === id);
  }

  /** Returns the session id of a player; null if they have no seat. */
  sessionOf(playerId: string): string | null {
    return this.playerOf(playerId)?.sessionId ?? null;
  }

  /**
   * Returns the current roster, and keeps it as the roster at the start, which `standings` uses. Call it when the match starts.
   */
  roster(): RosterEntry[] {
    const seats = Array.from(this.team.keys()).filter((seat) => this.holder[seat] !== NOBODY);
    this.started = seats.map((seat) => ({
      seat,
      player: this.playerId(seat)!,
      team: this.team[seat],
      role: this.role[seat],
      bot: this.holder[seat] === BOT,
      rating: this.seated[seat]?.rating ?? null,
      games: this.seated[seat]?.games ?? null,
      deviation: this.seated[seat]?.deviation ?? null,
    }));
    return this.started;
  }

  /** Whether each seat is held by a different player, and a match with each of these players can be rated. */
  get isRatable(): boolean {
    const ids = new Set(this.seated.map((player) => (player?.isRatable ? player.playerId : null)));
    return !ids.has(null) && ids.size === this.count;
  }

  /**
   * Returns one standing per seat that was played: the standing of the player who had the seat at the start, otherwise that of
   * the current holder.
   */
  standings(result: MatchResult) {
    return result.standings.flatMap((standing) => {
      const starter = this.started?.find(({ seat, bot }) => seat === standing.seat && !bot);
      const player = starter?.player ?? this.playerId(standing.seat);
      if (player === null) return [];
      const bot = starter === undefined && this.holder[standing.seat] === BOT;
      return [{ ...standing, player, bot, left: !bot && this.leavers.has(player) }];
    });
  }

  /** Call when the changes have been recorded. */
  clearChanges(): void {
    this.matchEvents.length = 0;
    this.changes.length = 0;
  }

  private occupy(
    ...[seat, holder, key, playerId, name, options]: [number, Holder, string, string, string, GameOptions?]
  ): void {
    const bot = holder === BOT;
    this.holder[seat] = holder;
    this.show(seat, key, playerId, name);
    const joined = { player: playerId, seat, team: this.team[seat], role: this.role[seat], bot };
    this.matchEvents.push({ kind: "joined", ...joined });
    this.addChange(seat, playerId, bot, options);
  }

  /**
   * The options are recorded in full, so that a later default changes nothing in a recorded match. An option may be missing that the
   * process did not know which admitted the player.
   */
  private addChange(seat: number, player: string | null, bot: boolean, chosen?: GameOptions): void {
    const { defaults } = this;
    const options = defaults === undefined ? {} : { options: Object.freeze({ ...defaults, ...chosen }) };
    this.changes.push({ kind: "seat", seat, player, bot, role: this.role[seat], ...options });
  }

  /** Adds the holder of a seat to the synced state. */
  private show(seat: number, key: string, playerId: string, name: string): void {
    const entry: PlayerStateShape = new this.game.PlayerState();
    const bot = this.holder[seat] === BOT;
    Object.assign(entry, { playerId, name, bot, team: this.team[seat], role: this.role[seat] });
    this.players[seat] = entry;
    this.game.players(this.state).set(key, entry as never);
  }

  /** Removes the holder. The caller then seats another holder, or records that the seat is empty. */
  private vacate(seat: number, reason: string): void {
    if (this.holder[seat] === NOBODY) return;
    const player = this.seated[seat];
    this.matchEvents.push({ kind: "left", player: this.playerId(seat)!, seat, reason });
    this.game.players(this.state).delete(player?.sessionId ?? this.botKey(seat));
    if (player !== null) {
      this.seatBySession.delete(player.sessionId);
      this.playerCount--;
    }
    this.seated[seat] = null;
    this.players[seat] = null;
    this.holder[seat] = NOBODY;
  }

  private botKey(seat: number): string {
    return `bot:${seat}`;
  }

  private botId(seat: number): string {
    return `bot:${this.game.botId}:${seat}`;
  }
}
