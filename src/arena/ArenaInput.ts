/**
 * The input frame that a client sends, and the range of each field. `step.ts` reads fields by position, so a new order needs a
 * new rules version.
 */
import { type SchemaType, schema, t } from "@colyseus/schema";
import type { InputField } from "../game/Frames.ts";

export const ArenaInput = schema(
  {
    moveX: t.int8().default(0),
    moveY: t.int8().default(0),
    aim: t.uint16().default(0),
    buttons: t.uint8().default(0),
  },
  "ArenaInput",
);
export type ArenaInput = SchemaType<typeof ArenaInput>;

export const inputFields: readonly InputField[] = [
  { name: "moveX", min: -127, max: 127 },
  { name: "moveY", min: -127, max: 127 },
  { name: "aim", min: 0, max: 65_535 },
  { name: "buttons", min: 0, max: 3 },
];
