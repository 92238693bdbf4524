/**
 * The drawn world: one Pixi renderer for the lifetime of the page, with the ground, bodies, orbs and effects of the running
 * match. All positions are in subunits.
 */
import "pixi.js/unsafe-eval";
import { Application, Container, Graphics } from "pixi.js";
import type { MapGeometry } from "../../src/arena/MapGeometry.ts";
import { rules } from "../../src/arena/rules.ts";
import { type BodyStyle, BodyView } from "./BodyView.ts";
import { Camera } from "./Camera.ts";
import { Effects } from "./Effects.ts";
import { drawGround } from "./ground.ts";
import { PALETTE } from "./palette.ts";

/** More pixels per CSS pixel are expensive and hardly visible. */
const RESOLUTION_MAX = 2;

export interface Position {
  readonly x: number;
  readonly y: number;
}

export interface BodyPose extends Position {
  /** Radians. */
  readonly aim: number;
  readonly hp: number;
  readonly maxHp: number;
  readonly alive: boolean;
  readonly guarded: boolean;
}

interface Body {
  readonly view: BodyView;
  readonly key: string;
  x: number;
  y: number;
  seen: boolean;
}

/** Without a graphics card a browser emulates WebGL, which is several times slower than a 2D canvas. */
function hasGraphicsCard(): boolean {
  const context = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (context === null) return false;
  const names = context.getExtension("WEBGL_debug_renderer_info");
  const name = String(context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

export class Scene {
  private readonly camera = new Camera();
  readonly effects = new Effects();
  private readonly app: Application;
  /** In subunits, beneath and above the bodies. */
  private readonly world = new Container();
  private readonly above = new Container();
  /** In CSS pixels. */
  private readonly bodyLayer = new Container();
  private readonly orbs = new Graphics();
  private readonly bodies = new Map<string, Body>();
  private ground: Graphics | null = null;
  private geometry: MapGeometry | null = null;
  /** Where the canvas is on the page, in CSS pixels: touch controls lie beside it. */
  private left = 0;
  private top = 0;

  private constructor(app: Application) {
    this.app = app;
    this.above.addChild(this.orbs, this.effects.world);
    this.world.addChild(this.effects.ground);
    app.stage.addChild(this.world, this.bodyLayer, this.above, this.effects.screen);
  }

  static async open(parent: HTMLElement): Promise<Scene> {
    const app = new Application();
    await app.init({
      preference: hasGraphicsCard() ? ["webgl", "canvas"] : ["canvas"],
      resizeTo: parent,
      antialias: true,
      autoDensity: true,
      autoStart: false,
      resolution: Math.min(RESOLUTION_MAX, devicePixelRatio || 1),
      background: PALETTE.outside,
    });
    parent.append(app.canvas);
    new ResizeObserver(() => app.queueResize()).observe(parent);
    return new Scene(app);
  }

  get surface(): HTMLElement {
    return this.app.canvas;
  }

  /** Clears the last match and draws the ground of the map. */
  show(geometry: MapGeometry): void {
    this.clear();
    this.geometry = geometry;
    this.ground = drawGround(geometry);
    this.world.addChildAt(this.ground, 0);
    this.camera.jump();
  }

  clear(): void {
    for (const { view } of this.bodies.values()) view.destroy();
    this.bodies.clear();
    this.effects.clear();
    this.orbs.clear();
    this.ground?.destroy();
    this.ground = null;
    this.geometry = null;
    this.app.render();
  }

  /** Moves the camera towards (x, y). Call before drawing bodies and orbs of a frame. */
  moveCamera(x: number, y: number, elapsedMs: number): void {
    if (this.geometry === null) return;
    const { width, height } = this.app.screen;
    const { left, top } = this.app.canvas.getBoundingClientRect();
    this.left = left;
    this.top = top;
    this.camera.resize(width, height, height >= innerHeight);
    this.camera.follow(x, y, this.geometry, elapsedMs);
    for (const layer of [this.world, this.above]) {
      layer.scale.set(this.camera.scale);
      layer.position.set(this.camera.screenX(0), this.camera.screenY(0));
    }
    this.orbs.clear();
  }

  /** Draws one body. `finish` removes bodies that were not drawn in the frame. */
  body(id: string, style: BodyStyle, pose: BodyPose, elapsedMs: number): void {
    const key = JSON.stringify(style);
    let body = this.bodies.get(id);
    if (body !== undefined && body.key !== key) {
      body.view.destroy();
      body = undefined;
    }
    if (body === undefined) {
      body = { view: new BodyView(style), key, x: pose.x, y: pose.y, seen: true };
      this.bodies.set(id, body);
      this.bodyLayer.addChild(body.view.node);
    }
    body.seen = true;
    body.x = pose.x;
    body.y = pose.y;
    body.view.node.visible = pose.alive;
    body.view.node.position.set(this.camera.screenX(pose.x), this.camera.screenY(pose.y));
    body.view.update(pose.aim, pose.hp, pose.maxHp, pose.guarded, rules.bodyRadius * this.camera.scale, elapsedMs);
  }

  orb({ x, y }: Position, ally: boolean): void {
    const colour = ally ? PALETTE.ally : PALETTE.enemy;
    const { radius } = rules.orb;
    this.orbs.circle(x, y, radius * 1.9).fill({ color: PALETTE.orb, alpha: 0.22 });
    this.orbs.circle(x, y, radius).fill(PALETTE.orb).stroke({ width: 50, color: colour });
  }

  /** Where a body was last drawn; null if there is none. */
  positionOf(id: string): Position | null {
    return this.bodies.get(id) ?? null;
  }

  /** Where a point of the world is on the page, in CSS pixels. */
  onPage({ x, y }: Position): Position {
    return { x: this.left + this.camera.screenX(x), y: this.top + this.camera.screenY(y) };
  }

  hit(id: string): void {
    this.bodies.get(id)?.view.hit();
  }

  finish(elapsedMs: number): void {
    for (const [id, body] of this.bodies) {
      if (!body.seen) {
        body.view.destroy();
        this.bodies.delete(id);
      }
      body.seen = false;
    }
    this.effects.update(this.camera, elapsedMs);
    this.app.render();
  }
}
