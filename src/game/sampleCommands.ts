/** Commands as players could send them, with which a game is tried out before players have joined. */
import type { CommandOf, FieldValue, GameCommands } from "./commands.ts";
import { packingOf } from "./events.ts";
import { scramble } from "./kit/scramble.ts";

/** At most one command: the same for the same tick. */
export function sampleCommands(commands: GameCommands, seats: number, tick: number): readonly CommandOf<any>[] {
  const names = Object.keys(commands);
  if (names.length === 0) return [];
  const name = names[tick % names.length];
  const data: Record<string, FieldValue> = {};
  for (const [at, [field, schema]] of Object.entries(commands[name].fields).entries()) {
    const packing = packingOf(schema);
    const number = scramble(tick * 64 + at) >>> 0;
    if (packing.as === "int") data[field] = packing.min + (number % (packing.max - packing.min + 1));
    else if (packing.as === "name") data[field] = packing.names[number % packing.names.length];
    else data[field] = number % seats;
  }
  return Object.freeze([Object.freeze({ seat: (scramble(tick) >>> 0) % seats, name, data: Object.freeze(data) })]);
}
