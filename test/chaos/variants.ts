/** Two builds that differ in the declarations of their events, and in what they write accordingly. */
import type { Edit } from "./Variant.ts";

const MATCH_EVENTS = "schema/matchEvents.ts";
const ARENA_EVENTS = "src/arena/events.ts";
const SOURCE = `source: z.enum(["arena", "queue", "private"]),`;

/** Nothing writes `season`, as if all messages were older than the field. */
const season = (value: number): Edit => ({
  ...{ file: MATCH_EVENTS, from: SOURCE },
  to: `${SOURCE}\n    season: z.int().default(${value}),`,
});

export const olderBuild: readonly Edit[] = [season(1)];

/** A default of the platform's events is changed. */
const changedDefault: readonly Edit[] = [season(2)];

/** Fields with a default are added to events of the platform and of the arena. */
const addedFields: readonly Edit[] = [
  {
    file: "schema/queueEvents.ts",
    from: "  region: z.string(),\n",
    to: `  region: z.string(),\n  device: z.string().default("unknown"),\n`,
  },
  {
    file: "src/matchmaking/queueMessages.ts",
    from: "...{ waitMs, party, region,",
    to: `...{ device: "phone", waitMs, party, region,`,
  },
  { file: ARENA_EVENTS, from: "aim: int(0, 65_535) },", to: "aim: int(0, 65_535), lean: int(0, 9).default(3) }," },
  { file: "src/arena/step.ts", from: "const moved = { player: 0,", to: "const moved = { lean: 5, player: 0," },
];

/** A field of the arena and one of the platform have another name: both topics have a higher version, and a reader. */
const renamedFields: readonly Edit[] = [
  { file: ARENA_EVENTS, from: "      damage: hitPoints(),", to: "      harm: hitPoints()," },
  { file: "src/arena/damage.ts", from: "    damage,\n", to: "    harm: damage,\n" },
  {
    file: ARENA_EVENTS,
    from: `    topic: "attack",`,
    to: `    topic: "attack",\n    version: 2,\n    readers: { 1: ({ damage, ...event }) => ({ ...event, harm: damage }) },`,
  },
  {
    file: MATCH_EVENTS,
    from: `left: z.object({ kind: z.literal("left"), player, seat, reason:`,
    to: `left: z.object({ kind: z.literal("left"), player, seat, cause:`,
  },
  {
    file: "rooms/match/Seats.ts",
    from: `kind: "left", player: this.playerId(seat)!, seat, reason }`,
    to: `kind: "left", player: this.playerId(seat)!, seat, cause: reason } as never`,
  },
  {
    file: "src/pipeline/events/versions.ts",
    from: "logs_match: { current: 1, readers: {} },",
    to: `logs_match: {
    current: 2,
    readers: {
      1: (value: any) => ({
        ...value,
        events: value.events.map(({ reason, ...event }: any) =>
          event.kind === "left" ? { ...event, cause: reason } : reason === undefined ? event : { ...event, reason },
        ),
      }),
    },
  },`,
  },
];

/** The arena no longer writes heals, and writes a new event. */
const removedAndAddedEvents: readonly Edit[] = [
  { file: ARENA_EVENTS, from: `    topic: "heal",`, to: `    topic: "heal",\n    retired: true,` },
  {
    file: "src/arena/healing.ts",
    from: "  world.emit.heal({ healer: seat, target, amount, targetHp: world.hp[target] });\n",
    to: "",
  },
  {
    file: ARENA_EVENTS,
    from: "} as const satisfies",
    to: `  boast: { topic: "boast", shed: "never", toClients: false, fields: { player: seat() } },\n} as const satisfies`,
  },
  {
    file: "src/arena/damage.ts",
    from: "  world.emit.attack({",
    to: "  world.emit.boast({ player: attacker });\n  world.emit.attack({",
  },
];

export const newerBuild: readonly Edit[] = [
  ...changedDefault,
  ...addedFields,
  ...renamedFields,
  ...removedAndAddedEvents,
];
