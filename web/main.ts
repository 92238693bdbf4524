/** Entry point of the page. Connects the menu, lobby, matches, results and the other pages. */
import type { Room } from "@colyseus/sdk";
import { closeCodes } from "../schema/codes.ts";
import { type Choice, guestName, loadChoice, saveChoice } from "./choice.ts";
import { showInvitation } from "./lobby/invitations.ts";
import { Lobby } from "./lobby/Lobby.ts";
import { showPartyStart } from "./lobby/partyStart.ts";
import { type StartOption, showMenu } from "./menu/menu.ts";
import { hideNotice, showNotice } from "./menu/notice.ts";
import { type Outcome, showResult } from "./menu/result.ts";
import { awaitRating } from "./net/awaitRating.ts";
import { Connection } from "./net/connection.ts";
import { describeClose, isConnectionLoss } from "./net/messages.ts";
import { OwnFeed } from "./net/OwnFeed.ts";
import { describeProblem, isNameRefused } from "./net/problems.ts";
import {
  hasReconnectionToken,
  loadNote,
  loadReconnectionToken,
  storeNote,
  storeReconnectionToken,
} from "./net/storage.ts";
import { unnamed } from "./pages/frame.ts";
import { linkTo, readRoute } from "./pages/route.ts";
import { showPage } from "./pages/showPage.ts";
import { Match } from "./play/Match.ts";
import { Scene } from "./scene/Scene.ts";
import { texts } from "./texts.ts";
import { followInputKind } from "./touch/inputKind.ts";

const screen = document.getElementById("screen")!;
const connection = new Connection(location.href);
const { account, rest } = connection;
const choice = loadChoice();
let match: Match | null = null;
/** Id of the room of the current match. */
let matchRoomId = "";
let isJoining = false;
/** How the latest match was started, also after a reload. */
let startOption = (loadNote("started-by") ?? "open") as StartOption;

/** `data-phase` of the body is the current screen, for style sheets and tests. */
const setPhase = (phase: string): void => {
  document.body.dataset.phase = phase;
};

const lobby = new Lobby({
  ...{ screen, connection, choice },
  setPhase,
  isPlaying: () => match !== null,
  // After a reload the match may not have been rejoined yet.
  isInMatch: (roomId) => roomId === matchRoomId || loadReconnectionToken("match")?.startsWith(`${roomId}:`) === true,
  play(room) {
    noteStart("ranked");
    play(room);
  },
  onEnd(why) {
    if (match === null) home();
    if (why !== "") showNotice(why);
  },
  onRefusal(why, error) {
    home();
    showNotice(why);
    if (isNameRefused(error)) document.getElementById("name")?.focus();
  },
});

function menu(): void {
  leaveMatch();
  lobby.hide();
  forgetAddress();
  scene.clear();
  setPhase("menu");
  showMenu(screen, { choice, signedIn: account.isRegistered }, start);
}

/** Shows the queue or party if there is one, else the menu. */
function home(): void {
  leaveMatch();
  forgetAddress();
  scene.clear();
  if (!lobby.show()) menu();
}

function start(option: StartOption, chosen: Choice): void {
  Object.assign(choice, chosen);
  leaveMatch();
  if (option === "party") {
    location.hash = linkTo({ screen: "party", code: null });
    return;
  }
  noteStart(option);
  if (option === "ranked") void lobby.joinQueue();
  else void join();
}

function noteStart(option: StartOption): void {
  startOption = option;
  storeNote("started-by", option);
}

/** Shows the page for the current address, unless the player is in a match, queue or party. `message`: what was just done. */
function followAddress(message = ""): void {
  if (match !== null || isJoining || lobby.isOpen) return;
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
  setPhase(route.screen === "party" ? "party-start" : route.screen);
  if (route.screen === "party")
    showPartyStart(screen, {
      create: () => void lobby.createParty(),
      join: (code) => void lobby.joinParty(code),
    });
  else showPage(screen, route, { rest, account, guestName: choice.name, message, accountChanged });
}

function accountChanged(message: string): void {
  choice.name = account.user === null ? guestName() : (account.user.name ?? choice.name);
  saveChoice(choice);
  followAddress(message);
}

/** Removes the hash, so that a reload does not open that page again. */
function forgetAddress(): void {
  if (location.hash !== "") history.replaceState(null, "", location.pathname + location.search);
}

async function join(): Promise<void> {
  leaveMatch();
  setPhase("joining");
  screen.inert = true;
  isJoining = true;
  showNotice(texts.connection.findingMatch, true);
  try {
    const room = await connection.join(choice).finally(() => {
      screen.inert = false;
      isJoining = false;
    });
    hideNotice();
    play(room);
  } catch (error) {
    home();
    showNotice(describeProblem(error));
    if (isNameRefused(error)) document.getElementById("name")?.focus();
  }
}

function play(room: Room): void {
  match?.close();
  matchRoomId = room.roomId;
  lobby.hide();
  screen.replaceChildren();
  forgetAddress();
  setPhase("joining");
  match = new Match(room, scene, document.getElementById("hud")!, {
    isRanked: startOption === "ranked",
    onPhase: setPhase,
    onEnd: showOutcome,
    onConnectionLost() {
      setPhase("reconnecting");
      showNotice(texts.connection.lost, true);
    },
    onReconnected() {
      hideNotice();
      setPhase(room.state.phase);
    },
    onLeave: home,
    onClosed(code, reason) {
      const { matchId } = room.state;
      home();
      const why = describeClose(code, reason);
      if (code === closeCodes.OPPONENT_LEFT.code) void lobby.queueAgain(why);
      else showNotice(why);
      if (isConnectionLoss(code)) void showRecordOf(matchId);
    },
  });
}

/** Shows the record of a match if it ended without this page, unless the player has already started something else. */
async function showRecordOf(matchId: string): Promise<void> {
  const isStored = await rest.match(matchId).then(
    () => true,
    () => false,
  );
  if (isStored && document.body.dataset.phase === "menu") location.hash = linkTo({ screen: "match", matchId });
}

function showOutcome(outcome: Outcome): void {
  leaveMatch();
  const rating = awaitRating(rest, outcome.playerId, outcome.matchId);
  const { backToParty, queueAgain, playAgain } = texts.result;
  const againText = lobby.inParty ? backToParty : startOption === "ranked" ? queueAgain : playAgain;
  const again = (): void => (lobby.inParty ? home() : start(startOption, choice));
  showResult(screen, { outcome, rating, againText, again, toMenu: home });
  setPhase("result");
}

async function showInvitationFrom(from: string, partyId: string): Promise<void> {
  const { name } = await rest.player(from).catch(() => ({ name: null }));
  showInvitation({ partyId, name: name ?? unnamed(from) }, () => {
    leaveMatch();
    forgetAddress();
    void lobby.switchTo(partyId);
  });
}

function leaveMatch(): void {
  storeReconnectionToken("match", null);
  hideNotice();
  match?.close();
  match = null;
  matchRoomId = "";
}

followInputKind();
const scene = await Scene.open(document.getElementById("world")!);
/** For tests, which need the positions of players to aim. The page does not use it. */
Object.assign(globalThis, { hypogeumView: () => match?.view() ?? [] });

const feed = new OwnFeed({
  address: connection.address,
  token: () => connection.token,
  onEvent(event, data) {
    if (event === "party_invitation") void showInvitationFrom(data.from, data.partyId);
    if (event === "announce" || event === "operator_message") showNotice(texts.connection.operator(data.text));
  },
});
setPhase("joining");
if (hasReconnectionToken("match")) showNotice(texts.connection.rejoiningMatch, true);
const [resumed] = await Promise.all([
  connection.resume("match"),
  connection.resume("queue").then((room) => lobby.resumeQueue(room)),
  connection.resume("party").then((room) => lobby.resumeParty(room)),
  account.tryIdentify(),
]);
hideNotice();
if (account.user?.name) choice.name = account.user.name;
addEventListener("hashchange", () => followAddress());
if (resumed !== null) play(resumed);
else if (!lobby.show()) followAddress();
void feed.listen();
