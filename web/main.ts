/** Owns the course of the page: menu, joining, match, result, and back. The only place that knows all of its parts. */
import type { Room } from "@colyseus/sdk";
import { type Choice, loadChoice } from "./choice.ts";
import { showMenu } from "./menu/menu.ts";
import { hideNotice, showNotice } from "./menu/notice.ts";
import { showResult } from "./menu/result.ts";
import { Connection } from "./net/connection.ts";
import { describeClose, describeFailure } from "./net/messages.ts";
import { hasReconnection, keepReconnection } from "./net/storage.ts";
import { Match } from "./play/Match.ts";
import { Scene } from "./scene/Scene.ts";

const screen = document.getElementById("screen")!;
const connection = new Connection(location.href);
const choice = loadChoice();
let match: Match | null = null;

/** `data-phase` of the body says where the page is: for style sheets and for tests. */
const setPhase = (phase: string): void => {
  document.body.dataset.phase = phase;
};

function menu(): void {
  leaveMatch();
  scene.clear();
  setPhase("menu");
  showMenu(screen, choice, (wanted) => void join(wanted));
}

async function join(wanted: Choice): Promise<void> {
  Object.assign(choice, wanted);
  leaveMatch();
  setPhase("joining");
  screen.inert = true;
  showNotice("Looking for a match …", true);
  try {
    const room = await connection.join(wanted);
    hideNotice();
    play(room);
  } catch (error) {
    menu();
    showNotice(describeFailure(error));
  } finally {
    screen.inert = false;
  }
}

function play(room: Room): void {
  screen.replaceChildren();
  setPhase("joining");
  match = new Match(room, scene, document.getElementById("hud")!, {
    phase: setPhase,
    ended(outcome) {
      leaveMatch();
      showResult(screen, outcome, () => void join(choice), menu);
      setPhase("result");
    },
    dropped() {
      setPhase("reconnecting");
      showNotice("Connection lost. Trying to get you back into the match …", true);
    },
    returned() {
      hideNotice();
      setPhase(room.state.phase);
    },
    left: menu,
    closed(code, reason) {
      menu();
      showNotice(describeClose(code, reason));
    },
  });
}

function leaveMatch(): void {
  keepReconnection(null);
  hideNotice();
  match?.close();
  match = null;
}

const scene = await Scene.open(document.getElementById("world")!);
/** Read by tests, which have to know where to aim; nothing on the page uses it. */
Object.assign(globalThis, { hypogeumView: () => match?.view() ?? [] });

setPhase("joining");
if (hasReconnection()) showNotice("Returning to your match …", true);
const resumed = await connection.resume();
hideNotice();
if (resumed === null) menu();
else play(resumed);
