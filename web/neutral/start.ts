/** Entry point of the page for any game: a list of games and modes, and the match that the player joins. */
import { Client, type Room } from "@colyseus/sdk";
import type { GameDescription } from "../../schema/gameList.ts";
import { element } from "../element.ts";
import { hideNotice, showNotice } from "../menu/notice.ts";
import { Account } from "../net/Account.ts";
import { describeClose, isTokenRefused } from "../net/messages.ts";
import { describeProblem } from "../net/problems.ts";
import { Rest } from "../net/Rest.ts";
import { SeatClient } from "../net/SeatClient.ts";
import { fillScreen } from "../screen.ts";
import { texts } from "../texts.ts";
import { type Chosen, MatchView } from "./MatchView.ts";

const screen = document.getElementById("screen")!;
const here = new URL(".", location.href);
const client = new Client(here.origin.replace(/^http/, "ws") + here.pathname);
const rest = new Rest(client);
const account = new Account(client, rest);
const seats = new SeatClient(client);

const setPhase = (phase: string): void => {
  document.body.dataset.phase = phase;
};

async function menu(): Promise<void> {
  setPhase("loading");
  screen.replaceChildren();
  try {
    const { games } = await rest.games();
    fillScreen(screen, menuOf(games));
    setPhase("menu");
  } catch (error) {
    const again = element("button", { type: "button", click: () => void menu() }, texts.common.tryAgain);
    fillScreen(screen, element("div", { class: "card" }, element("p", {}, describeProblem(error)), again));
  }
}

function menuOf(games: readonly GameDescription[]): HTMLElement {
  const sections = games.map((game) => {
    const buttons = Object.entries(game.modes).map(([mode, { seats }]) =>
      element(
        "button",
        { type: "button", "data-testid": `play-${game.name}-${mode}`, click: () => void join({ game, mode }) },
        element("span", {}, element("b", {}, mode), element("small", {}, texts.common.playerCount(seats))),
      ),
    );
    return element("section", {}, element("h2", {}, game.name), element("div", { class: "options" }, ...buttons));
  });
  const heading = element("h1", {}, texts.neutral.title);
  return element("div", { class: "card", "data-testid": "menu" }, heading, ...sections);
}

async function join(chosen: Chosen): Promise<void> {
  setPhase("joining");
  screen.inert = true;
  showNotice(texts.connection.findingMatch, true);
  try {
    play(await enter(chosen), chosen);
    hideNotice();
  } catch (error) {
    setPhase("menu");
    showNotice(describeProblem(error));
  } finally {
    screen.inert = false;
  }
}

/** Signs in as a guest if necessary, and joins. A refused token of a guest is replaced. */
async function enter({ game, mode }: Chosen): Promise<Room> {
  const go = (): Promise<Room> => seats.join("joinOrCreate", game.name, { mode });
  await account.tryIdentify();
  if (!client.auth.token) await account.signInAsGuest();
  try {
    return await go();
  } catch (error) {
    if (!isTokenRefused(error) || account.isRegistered) throw error;
    await account.signOut();
    await account.signInAsGuest();
    return go();
  }
}

function play(room: Room, chosen: Chosen): void {
  let isLeaving = false;
  const view = new MatchView(room, chosen, () => {
    isLeaving = true;
    room.reconnection.enabled = false;
    if (room.connection.isOpen) void room.leave();
    view.close();
    hideNotice();
    void menu();
  });
  for (const type of ["announce", "operator_message"])
    room.onMessage(type, ({ text }: { text: string }) => showNotice(texts.connection.operator(text)));
  room.onDrop(() => showNotice(texts.connection.lost, true));
  room.onReconnect(hideNotice);
  room.onLeave((code, reason) => {
    if (isLeaving) return;
    view.close();
    if (room.state.phase === "ended") hideNotice();
    else showNotice(describeClose(code, reason ?? ""));
  });
  fillScreen(screen, view.node);
}

void menu();
