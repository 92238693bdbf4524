/** Owns the course of the page: menu, joining, match, result, and back. The only place that knows all of its parts. */
import type { Room } from "@colyseus/sdk";
import { type Choice, guestName, loadChoice, saveChoice } from "./choice.ts";
import { showMenu } from "./menu/menu.ts";
import { hideNotice, showNotice } from "./menu/notice.ts";
import { type Outcome, showResult } from "./menu/result.ts";
import { awaitRating } from "./net/awaitRating.ts";
import { Connection } from "./net/connection.ts";
import { describeClose } from "./net/messages.ts";
import { describeProblem, isRefusedName } from "./net/problems.ts";
import { hasReconnection, keepReconnection } from "./net/storage.ts";
import { readRoute } from "./pages/route.ts";
import { showPage } from "./pages/showPage.ts";
import { Match } from "./play/Match.ts";
import { Scene } from "./scene/Scene.ts";

const screen = document.getElementById("screen")!;
const connection = new Connection(location.href);
const { account, rest } = connection;
const choice = loadChoice();
let match: Match | null = null;
let joining = false;

/** `data-phase` of the body says where the page is: for style sheets and for tests. */
const setPhase = (phase: string): void => {
  document.body.dataset.phase = phase;
};

function menu(): void {
  leaveMatch();
  forgetAddress();
  scene.clear();
  setPhase("menu");
  showMenu(screen, { choice, signedIn: account.hasAccount }, (wanted) => void join(wanted));
}

/** Shows what the address asks for, unless a match is on. `said` is what was just done there. */
function follow(said = ""): void {
  if (match !== null || joining) return;
  const route = readRoute(location.hash);
  if (route.screen === "menu") {
    menu();
    return;
  }
  hideNotice();
  scene.clear();
  setPhase(route.screen);
  showPage(screen, route, { rest, account, guestName: choice.name, said, accountChanged });
}

function accountChanged(said: string): void {
  choice.name = account.user === null ? guestName() : (account.user.name ?? choice.name);
  saveChoice(choice);
  follow(said);
}

/** What was addressed is over: a reload is not to bring it back. */
function forgetAddress(): void {
  if (location.hash !== "") history.replaceState(null, "", location.pathname + location.search);
}

async function join(wanted: Choice): Promise<void> {
  Object.assign(choice, wanted);
  leaveMatch();
  setPhase("joining");
  screen.inert = true;
  joining = true;
  showNotice("Looking for a match …", true);
  try {
    const room = await connection.join(wanted).finally(() => {
      screen.inert = false;
      joining = false;
    });
    hideNotice();
    play(room);
  } catch (error) {
    menu();
    showNotice(describeProblem(error));
    if (isRefusedName(error)) document.getElementById("name")?.focus();
  }
}

function play(room: Room): void {
  screen.replaceChildren();
  forgetAddress();
  setPhase("joining");
  match = new Match(room, scene, document.getElementById("hud")!, {
    phase: setPhase,
    ended: result,
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

function result(outcome: Outcome): void {
  leaveMatch();
  const rating = awaitRating(rest, outcome.playerId, outcome.matchId);
  showResult(screen, { outcome, rating, again: () => void join(choice), toMenu: menu });
  setPhase("result");
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
const [resumed] = await Promise.all([connection.resume(), account.load()]);
hideNotice();
if (account.user?.name) choice.name = account.user.name;
addEventListener("hashchange", () => follow());
if (resumed === null) follow();
else play(resumed);
