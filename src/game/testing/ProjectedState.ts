/** The synced state of a match without a room. Its players have the keys `seat:0`, `seat:1` and so on, in place of session ids. */
import { checkStateValues } from "../checkStateValues.ts";
import { BOT, type Frames, NOBODY } from "../Frames.ts";
import type { Game, MatchSetup, MatchStateShape, PlayerStateShape } from "../Game.ts";

/** The part of a world that is needed. */
interface Projected {
  project(state: MatchStateShape, playersBySeat: readonly (PlayerStateShape | null)[]): void;
  readonly status: { readonly tick: number };
}

export class ProjectedState<S extends MatchStateShape & object = any> {
  readonly state: S;
  private readonly game: Game;
  private readonly teams: readonly number[];
  private readonly players: (PlayerStateShape | null)[];
  private readonly holders: Uint8Array;

  constructor(game: Game, { mode }: Pick<MatchSetup, "mode">) {
    this.game = game;
    this.teams = game.modes[mode].teams;
    this.players = this.teams.map(() => null);
    this.holders = new Uint8Array(this.teams.length);
    this.state = new game.State();
    Object.assign(this.state, { matchId: "test", mode, rulesVersion: game.rules.version });
  }

  /** Brings the state up to date with the world. Throws a `GameFault` at a mistake, also for a value that does not fit its field. */
  update(world: Projected, { holder, role }: Pick<Frames, "holder" | "role">): void {
    for (let seat = 0; seat < holder.length; seat++)
      if (holder[seat] !== this.holders[seat]) this.seat(seat, holder[seat], role[seat]);
    world.project(this.state, this.players);
    checkStateValues(this.game.name, world.status.tick, this.state);
  }

  private seat(seat: number, holder: number, role: number): void {
    this.holders[seat] = holder;
    const players = this.game.players(this.state);
    const key = `seat:${seat}`;
    players.delete(key);
    this.players[seat] = null;
    if (holder === NOBODY) return;
    const player: PlayerStateShape = new this.game.PlayerState();
    const name = `${holder === BOT ? "Bot" : "Player"} ${seat}`;
    Object.assign(player, { playerId: key, name, bot: holder === BOT, team: this.teams[seat], role });
    this.players[seat] = player;
    players.set(key, player as never);
  }
}
