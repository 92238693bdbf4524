/** Tag for GAMES. A match with four seats never returns from the step after tick TEST_HANG_AT. */
import { PHASES } from "../../tag/TagWorld.ts";
import { tag } from "../../tag/tag.ts";

const hangAt = Number(process.env.TEST_HANG_AT);

export const games = [
  {
    ...tag,
    rules: { ...(tag.rules as object), playMs: 600_000, version: tag.rules.version },
    step: (world: any, frames: any) => {
      while (frames.seats === 4 && world.status().tick === hangAt && PHASES.length > 0);
      tag.step(world, frames);
    },
  },
];
