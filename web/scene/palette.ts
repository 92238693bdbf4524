/**
 * Colours of the world. Allies and enemies are sky blue and orange of the Okabe–Ito palette, which every kind of colour vision
 * can distinguish. Shape repeats the difference (`marks.ts`).
 */
export const PALETTE = {
  outside: 0x080b11,
  floor: 0x151b27,
  grid: 0x1e2736,
  gridMajor: 0x273246,
  wallFront: 0x2b3750,
  wallTop: 0x52627f,
  wallEdge: 0x7d8fae,
  shadow: 0x05070b,
  ink: 0xffffff,
  outline: 0x05070b,
  ally: 0x56b4e9,
  enemy: 0xf0a23c,
  heal: 0x5fd3a8,
  hurt: 0xff8d6b,
  bolt: 0xfff3a8,
  orb: 0xd9b3ff,
  blade: 0xffffff,
  beam: 0xa8f0ff,
} as const;

/** Colour of the effects of each weapon, by its name in events. */
export const WEAPON_COLOURS: Readonly<Record<string, number>> = {
  bolt: PALETTE.bolt,
  orb: PALETTE.orb,
  blade: PALETTE.blade,
  beam: PALETTE.beam,
};
