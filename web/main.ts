/** Owns the course of the page: menu, joining, match, result, and back. The only place that knows all of its parts. */
import type { Room } from "@colyseus/sdk";
import { type Choice, guestName, loadChoice, saveChoice } from "./choice.ts";
import { showInvitation } from "./lobby/invitations.ts";
import { Lobby } from "./lobby/Lobby.ts";
import { showPartyDoor } from "./lobby/partyDoor.ts";
import { showMenu, type Way } from "./menu/menu.ts";
import { hideNotice, showNotice } from "./menu/notice.ts";
import { type Outcome, showResult } from "./menu/result.ts";
import { awaitRating } from "./net/awaitRating.ts";
import { Connection } from "./net/connection.ts";
import { describeClose } from "./net/messages.ts";
import { OwnFeed } from "./net/OwnFeed.ts";
import { describeProblem, isRefusedName } from "./net/problems.ts";
import { hasPlace, keepPlace, loadPlace } from "./net/storage.ts";
import { linkTo, readRoute } from "./pages/route.ts";
import { showPage } from "./pages/showPage.ts";
import { Match } from "./play/Match.ts";
import { Scene } from "./scene/Scene.ts";

const screen = document.getElementById("screen")!;
const connection = new Connection(location.href);
const { account, rest } = connection;
const choice = loadChoice();
let match: Match | null = null;
/** Room of the match that is on. */
let playing = "";
let joining = false;
/** By which the latest match was found. */
let way: Way = "open";

/** `data-phase` of the body says where the page is: for style sheets and for tests. */
const setPhase = (phase: string): void => {
  document.body.dataset.phase = phase;
};

const lobby = new Lobby({
  ...{ screen, connection, choice },
  phase: setPhase,
  isPlaying: () => match !== null,
  // After a reload the match may not have been entered again yet.
  plays: (roomId) => roomId === playing || loadPlace("match")?.startsWith(`${roomId}:`) === true,
  play(room) {
    way = "ranked";
    play(room);
  },
  ended(why) {
    if (match === null) home();
    if (why !== "") showNotice(why);
  },
  refused(why, error) {
    home();
    showNotice(why);
    if (isRefusedName(error)) document.getElementById("name")?.focus();
  },
});

function menu(): void {
  leaveMatch();
  lobby.hide();
  forgetAddress();
  scene.clear();
  setPhase("menu");
  showMenu(screen, { choice, signedIn: account.hasAccount }, go);
}

/** Where one comes from and goes back to: queue or party, where there is one, else the menu. */
function home(): void {
  leaveMatch();
  forgetAddress();
  scene.clear();
  if (!lobby.show()) menu();
}

function go(wanted: Way, chosen: Choice): void {
  Object.assign(choice, chosen);
  leaveMatch();
  if (wanted === "party") {
    location.hash = linkTo({ screen: "party", code: null });
    return;
  }
  way = wanted;
  if (way === "ranked") void lobby.enterQueue();
  else void join();
}

/** Shows what the address asks for, unless a match is on. `said` is what was just done there. */
function follow(said = ""): void {
  if (match !== null || joining || lobby.isOpen) return;
  const route = readRoute(location.hash);
  if (route.screen === "menu") {
    menu();
    return;
  }
  if (route.screen === "party" && route.code !== null) {
    forgetAddress();
    void lobby.joinParty(route.code);
    return;
  }
  hideNotice();
  scene.clear();
  setPhase(route.screen === "party" ? "party-door" : route.screen);
  if (route.screen === "party")
    showPartyDoor(screen, {
      create: () => void lobby.createParty(),
      join: (code) => void lobby.joinParty(code),
    });
  else showPage(screen, route, { rest, account, guestName: choice.name, said, accountChanged });
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

async function join(): Promise<void> {
  leaveMatch();
  setPhase("joining");
  screen.inert = true;
  joining = true;
  showNotice("Looking for a match …", true);
  try {
    const room = await connection.join(choice).finally(() => {
      screen.inert = false;
      joining = false;
    });
    hideNotice();
    play(room);
  } catch (error) {
    home();
    showNotice(describeProblem(error));
    if (isRefusedName(error)) document.getElementById("name")?.focus();
  }
}

function play(room: Room): void {
  match?.close();
  playing = room.roomId;
  lobby.hide();
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
    left: home,
    closed(code, reason) {
      home();
      showNotice(describeClose(code, reason));
    },
  });
}

function result(outcome: Outcome): void {
  leaveMatch();
  const rating = awaitRating(rest, outcome.playerId, outcome.matchId);
  const next = lobby.inParty ? "Back to the party" : way === "ranked" ? "Queue again" : "Again";
  const again = (): void => (lobby.inParty ? home() : go(way, choice));
  showResult(screen, { outcome, rating, next, again, toMenu: home });
  setPhase("result");
}

async function invited(from: string, partyId: string): Promise<void> {
  const { name } = await rest.player(from).catch(() => ({ name: null }));
  showInvitation({ partyId, name: name ?? `Player ${from.slice(0, 4)}` }, () => {
    leaveMatch();
    forgetAddress();
    void lobby.switchTo(partyId);
  });
}

function leaveMatch(): void {
  keepPlace("match", null);
  hideNotice();
  match?.close();
  match = null;
  playing = "";
}

const scene = await Scene.open(document.getElementById("world")!);
/** Read by tests, which have to know where to aim; nothing on the page uses it. */
Object.assign(globalThis, { hypogeumView: () => match?.view() ?? [] });

const feed = new OwnFeed({
  address: connection.address,
  token: () => connection.token,
  heard(event, data) {
    if (event === "party_invitation") void invited(data.from, data.partyId);
  },
});
setPhase("joining");
if (hasPlace("match")) showNotice("Returning to your match …", true);
const [resumed] = await Promise.all([
  connection.resume("match"),
  connection.resume("queue").then((room) => lobby.resumeQueue(room)),
  connection.resume("party").then((room) => lobby.resumeParty(room)),
  account.load(),
]);
hideNotice();
if (account.user?.name) choice.name = account.user.name;
addEventListener("hashchange", () => follow());
if (resumed !== null) play(resumed);
else if (!lobby.show()) follow();
void feed.listen();
