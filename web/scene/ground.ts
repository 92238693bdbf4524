/** Floor, grid and walls. Walls have a light top and a darker front. */
import { Graphics } from "pixi.js";
import type { MapGeometry } from "../../src/arena/MapGeometry.ts";
import { METRE } from "../../src/arena/rules.ts";
import { PALETTE } from "./palette.ts";

const GRID = 2 * METRE;
const MAJOR_EVERY = 5;
/** Height of a wall's front. It is drawn inside the wall's area, so that walls never hide a body. */
const FRONT = 0.45 * METRE;

/** The ground in subunits; the lowest layer of the scene. */
export function drawGround(geometry: MapGeometry): Graphics {
  const ground = new Graphics();
  ground.rect(geometry.x0, geometry.y0, geometry.x1 - geometry.x0, geometry.y1 - geometry.y0).fill(PALETTE.floor);
  grid(ground, geometry, false);
  grid(ground, geometry, true);
  eachWall(geometry, (x, y, width, height) => {
    ground.rect(x + 110, y + 150, width, height).fill({ color: PALETTE.shadow, alpha: 0.5 });
  });
  eachWall(geometry, (x, y, width, height) => {
    ground.rect(x, y, width, height).fill(PALETTE.wallFront);
    ground.rect(x, y, width, height - FRONT).fill(PALETTE.wallTop);
    ground.moveTo(x, y + height - FRONT).lineTo(x + width, y + height - FRONT);
    ground.stroke({ width: 26, color: PALETTE.wallEdge });
  });
  return ground;
}

function grid(ground: Graphics, geometry: MapGeometry, major: boolean): void {
  const each = (from: number, to: number, draw: (at: number) => void): void => {
    const middle = (from + to) / 2;
    for (let i = Math.ceil((from - middle) / GRID); middle + i * GRID <= to; i++)
      if ((i % MAJOR_EVERY === 0) === major) draw(middle + i * GRID);
  };
  each(geometry.x0, geometry.x1, (x) => ground.moveTo(x, geometry.y0).lineTo(x, geometry.y1));
  each(geometry.y0, geometry.y1, (y) => ground.moveTo(geometry.x0, y).lineTo(geometry.x1, y));
  ground.stroke({ width: major ? 26 : 16, color: major ? PALETTE.gridMajor : PALETTE.grid });
}

function eachWall(geometry: MapGeometry, draw: (x: number, y: number, width: number, height: number) => void): void {
  const { walls } = geometry;
  for (let i = 0; i < walls.length; i += 4)
    draw(walls[i], walls[i + 1], walls[i + 2] - walls[i], walls[i + 3] - walls[i + 1]);
}
