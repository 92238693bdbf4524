/** The screen of a party: its code, its members, and the leader's choice of a match. */
import type { PartyMember } from "../../schema/partyState.ts";
import { teamSlots } from "../arena.ts";
import { type Choice, MODES, type Mode, STRATEGIES, saveChoice } from "../choice.ts";
import { element, setText } from "../element.ts";
import { mark } from "../marks.ts";
import { options } from "../menu/options.ts";
import { MODE_TEXTS, modeText, STRATEGY_TEXTS } from "../modes.ts";
import { fillScreen } from "../screen.ts";
import { texts } from "../texts.ts";
import { foundPanel } from "./foundPanel.ts";
import { inviteForm } from "./inviteForm.ts";
import type { PartySession } from "./PartySession.ts";
import type { LobbyView } from "./view.ts";
import { waitFigures } from "./waitFigures.ts";

const SLOTS = Math.max(...MODES.map(teamSlots));

export function showParty(screen: HTMLElement, party: PartySession, choice: Choice, leave: () => void): LobbyView {
  const figures = waitFigures();
  const found = foundPanel(
    party.found,
    () => party.cancel(),
    () => party.isLeader(party.own),
  );
  const message = element("p", { class: "message", role: "status", "data-testid": "message" });
  const members = element("ul", { class: "members", "aria-label": texts.party.members, "data-testid": "members" });
  const hint = element("p", { class: "hint", "data-testid": "party-hint" });
  const controls = element("div", { class: "controls" });
  const invite = inviteForm(party);
  fillScreen(
    screen,
    element(
      "section",
      { class: "card lobby", "data-testid": "party", "aria-label": texts.party.title },
      element(
        "header",
        {},
        element("h1", {}, mark("squad", "", "ally"), texts.party.title),
        element(
          "nav",
          { "aria-label": texts.party.leaveLabel },
          element("button", { type: "button", click: leave, "data-testid": "party-leave" }, texts.party.leave),
        ),
      ),
      ...[codeLine(party.code), message, found.node, figures.node, members, hint, controls, invite],
    ),
  );
  let shown = "";
  return {
    phase: () => (party.found.phase === "none" ? "party" : "found"),
    update() {
      found.update();
      const queued = party.phase !== "idle";
      figures.node.hidden = !queued || party.found.phase !== "none";
      if (queued) figures.update(party.waiting);
      setText(message, party.message);
      message.hidden = party.message === "";
      const now = JSON.stringify([party.phase, party.found.phase, party.members, party.isLeader(party.own)]);
      if (now === shown) return;
      shown = now;
      const focused = document.activeElement?.getAttribute("data-testid");
      members.replaceChildren(...rows(party));
      controls.replaceChildren(...controlsOf(party, choice));
      invite.hidden = queued || party.members.length >= SLOTS;
      setText(hint, hintOf(party));
      if (focused) screen.querySelector<HTMLElement>(`[data-testid="${focused}"]`)?.focus({ preventScroll: true });
    },
  };
}

function codeLine(code: string): HTMLElement {
  const link = `${location.origin}${location.pathname}#party/${code}`;
  const copyButton = (text: string, label: string, testId: string): HTMLElement => {
    const button = element("button", { type: "button", "data-testid": testId }, label);
    button.addEventListener("click", () => {
      navigator.clipboard
        ?.writeText(text)
        .then(() => setText(button, texts.party.copied))
        .catch(() => {});
      setTimeout(() => setText(button, label), 1500);
    });
    return button;
  };
  // Browsers allow the clipboard only on secure addresses.
  const copies =
    navigator.clipboard === undefined
      ? []
      : [copyButton(code, texts.party.copyCode, "copy-code"), copyButton(link, texts.party.copyLink, "copy-link")];
  return element(
    "div",
    { class: "code-line" },
    element("span", {}, texts.party.code),
    element("output", { class: "code", "data-testid": "code" }, code),
    element("span", { class: "copies" }, ...copies),
  );
}

function rows(party: PartySession): Node[] {
  const isLeader = party.isLeader(party.own);
  const made = party.members.map((member) => {
    const own = member === party.own;
    return element(
      "li",
      { class: own ? "own" : "", "data-testid": "member" },
      element("span", { class: "name" }, own ? member.name + texts.common.you : member.name),
      element("span", { class: "marks" }, ...marksOf(party, member)),
      ...(isLeader && !own && party.phase === "idle" ? [leaderButtons(party, member)] : []),
    );
  });
  const free = SLOTS - made.length;
  if (free > 0 && party.phase === "idle") made.push(element("li", { class: "free" }, texts.party.freeSlots(free)));
  return made;
}

function marksOf(party: PartySession, member: PartyMember): Node[] {
  const chip = (text: string, kind = ""): HTMLElement => element("span", { class: `chip ${kind}` }, text);
  const chips: Node[] = [];
  if (party.isLeader(member)) chips.push(chip(texts.party.leader));
  if (!member.connected) chips.push(chip(texts.party.disconnected, "bad"));
  else if (party.phase === "found")
    chips.push(member.confirmed ? chip(texts.party.confirmed, "good") : chip(texts.party.unconfirmed));
  else if (party.phase === "idle" && !party.isLeader(member))
    chips.push(member.ready ? chip(texts.party.ready, "good") : chip(texts.party.notReady));
  return chips;
}

function leaderButtons(party: PartySession, { playerId, name }: PartyMember): HTMLElement {
  return element(
    "span",
    { class: "leader-buttons" },
    element(
      "button",
      {
        type: "button",
        click: () => party.makeLeader(playerId),
        "aria-label": texts.party.makeLeaderOf(name),
        "data-testid": "make-leader",
      },
      texts.party.makeLeader,
    ),
    element(
      "button",
      {
        type: "button",
        click: () => party.kick(playerId),
        "aria-label": texts.party.kickMember(name),
        "data-testid": "kick",
      },
      texts.party.kick,
    ),
  );
}

function hintOf(party: PartySession): string {
  const isLeader = party.isLeader(party.own);
  if (party.phase === "queued") return texts.party.searching(modeText(party.mode).title);
  if (party.phase !== "idle") return "";
  const missing = party.unready;
  if (!isLeader) return party.own?.ready ? texts.party.waitingForLeader : texts.party.setReady;
  if (missing.length === 0) return texts.party.chooseMode;
  return texts.party.membersNotReady(missing.map(({ name }) => name));
}

function controlsOf(party: PartySession, choice: Choice): Node[] {
  const isLeader = party.isLeader(party.own);
  if (party.phase === "queued" && isLeader)
    return [
      element(
        "button",
        { type: "button", click: () => party.cancel(), "data-testid": "cancel" },
        texts.party.cancelSearch,
      ),
    ];
  if (party.phase !== "idle") return [];
  if (isLeader) return [opponentOptions(choice), modeButtons(party, choice)];
  const ready = party.own?.ready === true;
  return [
    element(
      "button",
      {
        type: "button",
        class: ready ? "" : "primary",
        "aria-pressed": String(ready),
        click: () => party.setReady(!ready),
        "data-testid": "ready",
      },
      ready ? texts.party.notReadyButton : texts.party.readyButton,
    ),
  ];
}

/** One button for each mode. Modes whose teams are too small for the party are disabled. */
function modeButtons(party: PartySession, choice: Choice): HTMLElement {
  const waits = party.unready.length > 0;
  const button = (mode: Mode): HTMLElement => {
    const { mark: sign, title, text } = MODE_TEXTS[mode];
    const isTooLarge = party.members.length > teamSlots(mode);
    return element(
      "button",
      {
        type: "button",
        disabled: isTooLarge || waits,
        click: () => party.queue(mode, choice.strategy),
        "data-testid": `find-${mode}`,
      },
      mark(sign),
      element("span", {}, element("b", {}, title), element("small", {}, isTooLarge ? texts.party.tooLarge : text)),
    );
  };
  const buttons = element("div", { class: "options" }, ...MODES.map(button));
  return element("fieldset", {}, element("legend", {}, texts.party.findMatch), buttons);
}

function opponentOptions(choice: Choice): HTMLElement {
  const all = STRATEGIES.map((strategy) => ({ value: strategy, ...STRATEGY_TEXTS[strategy] }));
  return options("against", texts.opponents.legend, all, choice.strategy, (strategy) => {
    choice.strategy = strategy;
    saveChoice(choice);
  }).node;
}
