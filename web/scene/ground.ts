/** Owns the drawing of what does not move: floor, grid and walls with a lit top and a darker front. */
import { Graphics } from "pixi.js";
import type { MapGeometry } from "../../src/arena/MapGeometry.ts";
import { METRE } from "../../src/arena/rules.ts";
import { PALETTE } from "./palette.ts";

const GRID = 2 * METRE;
const MAJOR_EVERY = 5;
/** Height of a wall's front. It is drawn inside the wall's own ground, so that no wall ever hides a body. */
const FRONT = 0.45 * METRE;

/** The whole ground in subunits, to lie beneath everything else. */
export function drawGround(court: MapGeometry): Graphics {
  const ground = new Graphics();
  ground.rect(court.x0, court.y0, court.x1 - court.x0, court.y1 - court.y0).fill(PALETTE.floor);
  grid(ground, court, false);
  grid(ground, court, true);
  eachWall(court, (x, y, width, height) => {
    ground.rect(x + 110, y + 150, width, height).fill({ color: PALETTE.shadow, alpha: 0.5 });
  });
  eachWall(court, (x, y, width, height) => {
    ground.rect(x, y, width, height).fill(PALETTE.wallFront);
    ground.rect(x, y, width, height - FRONT).fill(PALETTE.wallTop);
    ground.moveTo(x, y + height - FRONT).lineTo(x + width, y + height - FRONT);
    ground.stroke({ width: 26, color: PALETTE.wallEdge });
  });
  return ground;
}

function grid(ground: Graphics, court: MapGeometry, major: boolean): void {
  const each = (from: number, to: number, draw: (at: number) => void): void => {
    const middle = (from + to) / 2;
    for (let i = Math.ceil((from - middle) / GRID); middle + i * GRID <= to; i++)
      if ((i % MAJOR_EVERY === 0) === major) draw(middle + i * GRID);
  };
  each(court.x0, court.x1, (x) => ground.moveTo(x, court.y0).lineTo(x, court.y1));
  each(court.y0, court.y1, (y) => ground.moveTo(court.x0, y).lineTo(court.x1, y));
  ground.stroke({ width: major ? 26 : 16, color: major ? PALETTE.gridMajor : PALETTE.grid });
}

function eachWall(court: MapGeometry, draw: (x: number, y: number, width: number, height: number) => void): void {
  const { walls } = court;
  for (let i = 0; i < walls.length; i += 4)
    draw(walls[i], walls[i + 1], walls[i + 2] - walls[i], walls[i + 3] - walls[i + 1]);
}
