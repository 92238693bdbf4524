/** Owns the screen of a party: its code, its members with their marks, and the leader's choice of a match. */
import type { PartyMember } from "../../schema/partyState.ts";
import { teamPlaces } from "../arena.ts";
import { type Choice, MODES, type Mode, STRATEGIES, saveChoice } from "../choice.ts";
import { element, setText } from "../element.ts";
import { mark } from "../marks.ts";
import { options } from "../menu/options.ts";
import { MODE_TEXTS, modeText, STRATEGY_TEXTS } from "../modes.ts";
import { foundPanel } from "./foundPanel.ts";
import { inviteForm } from "./inviteForm.ts";
import type { Party } from "./Party.ts";
import type { LobbyView } from "./view.ts";
import { waitFigures } from "./waitFigures.ts";

const PLACES = Math.max(...MODES.map(teamPlaces));

export function showParty(screen: HTMLElement, party: Party, choice: Choice, leave: () => void): LobbyView {
  const figures = waitFigures();
  const found = foundPanel(
    party.found,
    () => party.cancel(),
    () => party.isLeader(party.own),
  );
  const said = element("p", { class: "said", role: "status", "data-testid": "said" });
  const members = element("ul", { class: "members", "aria-label": "Members", "data-testid": "members" });
  const hint = element("p", { class: "hint", "data-testid": "party-hint" });
  const controls = element("div", { class: "controls" });
  const invite = inviteForm(party);
  screen.replaceChildren(
    element(
      "section",
      { class: "card lobby", "data-testid": "party", "aria-label": "Party" },
      element(
        "header",
        {},
        element("h1", {}, mark("squad", "", "ally"), "Party"),
        element(
          "nav",
          { "aria-label": "Leave" },
          element("button", { type: "button", click: leave, "data-testid": "party-leave" }, "Leave the party"),
        ),
      ),
      ...[codeLine(party.code), said, found.node, figures.node, members, hint, controls, invite],
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
      setText(said, party.said);
      said.hidden = party.said === "";
      const now = JSON.stringify([party.phase, party.found.phase, party.members, party.isLeader(party.own)]);
      if (now === shown) return;
      shown = now;
      const focused = document.activeElement?.getAttribute("data-testid");
      members.replaceChildren(...rows(party));
      controls.replaceChildren(...controlsOf(party, choice));
      invite.hidden = queued || party.members.length >= PLACES;
      setText(hint, hintOf(party));
      if (focused) screen.querySelector<HTMLElement>(`[data-testid="${focused}"]`)?.focus();
    },
  };
}

function codeLine(code: string): HTMLElement {
  const link = `${location.origin}${location.pathname}#party/${code}`;
  const copying = (text: string, what: string, testId: string): HTMLElement => {
    const button = element("button", { type: "button", "data-testid": testId }, what);
    button.addEventListener("click", () => {
      navigator.clipboard
        ?.writeText(text)
        .then(() => setText(button, "Copied ✓"))
        .catch(() => {});
      setTimeout(() => setText(button, what), 1500);
    });
    return button;
  };
  // Browsers give the clipboard to pages on safe addresses only.
  const copies =
    navigator.clipboard === undefined
      ? []
      : [copying(code, "Copy code", "copy-code"), copying(link, "Copy link", "copy-link")];
  return element(
    "div",
    { class: "code-line" },
    element("span", {}, "Friends join by this code"),
    element("output", { class: "code", "data-testid": "code" }, code),
    element("span", { class: "copies" }, ...copies),
  );
}

function rows(party: Party): Node[] {
  const leads = party.isLeader(party.own);
  const made = party.members.map((member) => {
    const own = member === party.own;
    return element(
      "li",
      { class: own ? "own" : "", "data-testid": "member" },
      element("span", { class: "name" }, own ? `${member.name} (you)` : member.name),
      element("span", { class: "marks" }, ...marksOf(party, member)),
      ...(leads && !own && party.phase === "idle" ? [powers(party, member)] : []),
    );
  });
  const free = PLACES - made.length;
  if (free > 0 && party.phase === "idle")
    made.push(element("li", { class: "free" }, free === 1 ? "1 place is free" : `${free} places are free`));
  return made;
}

function marksOf(party: Party, member: PartyMember): Node[] {
  const chip = (text: string, kind = ""): HTMLElement => element("span", { class: `chip ${kind}` }, text);
  const chips: Node[] = [];
  if (party.isLeader(member)) chips.push(chip("★ leads"));
  if (!member.connected) chips.push(chip("⚠ away", "bad"));
  else if (party.phase === "found") chips.push(member.confirmed ? chip("✓ confirmed", "good") : chip("… to confirm"));
  else if (party.phase === "idle" && !party.isLeader(member))
    chips.push(member.ready ? chip("✓ ready", "good") : chip("not ready"));
  return chips;
}

function powers(party: Party, { playerId, name }: PartyMember): HTMLElement {
  return element(
    "span",
    { class: "powers" },
    element(
      "button",
      {
        type: "button",
        click: () => party.passOn(playerId),
        "aria-label": `Let ${name} lead`,
        "data-testid": "pass-on",
      },
      "Let lead",
    ),
    element(
      "button",
      { type: "button", click: () => party.kick(playerId), "aria-label": `Put ${name} out`, "data-testid": "kick" },
      "Put out",
    ),
  );
}

/** Members, the leader aside, for whom the party waits. */
const unready = (party: Party): readonly PartyMember[] =>
  party.members.filter((member) => !member.connected || !(member.ready || party.isLeader(member)));

function hintOf(party: Party): string {
  const leads = party.isLeader(party.own);
  if (party.phase === "queued")
    return `Looking for a ${modeText(party.mode).title.toLowerCase()} match for all of you.`;
  if (party.phase !== "idle") return "";
  const missing = unready(party);
  if (!leads) return party.own?.ready ? "Waiting for the leader to look for a match." : "Say when you are ready.";
  if (missing.length === 0) return "Choose what to play.";
  return `Not ready yet: ${missing.map(({ name }) => name).join(", ")}.`;
}

function controlsOf(party: Party, choice: Choice): Node[] {
  const leads = party.isLeader(party.own);
  if (party.phase === "queued" && leads)
    return [
      element("button", { type: "button", click: () => party.cancel(), "data-testid": "cancel" }, "Cancel the search"),
    ];
  if (party.phase !== "idle") return [];
  if (leads) return [against(choice), modeButtons(party, choice)];
  const ready = party.own?.ready === true;
  return [
    element(
      "button",
      {
        type: "button",
        class: ready ? "" : "primary",
        "aria-pressed": String(ready),
        click: () => party.ready(!ready),
        "data-testid": "ready",
      },
      ready ? "Not ready after all" : "I am ready",
    ),
  ];
}

/** One button for each mode; those whose teams are too small for the party say so. */
function modeButtons(party: Party, choice: Choice): HTMLElement {
  const waits = unready(party).length > 0;
  const button = (mode: Mode): HTMLElement => {
    const { mark: sign, title, text } = MODE_TEXTS[mode];
    const places = teamPlaces(mode);
    const small = party.members.length > places;
    return element(
      "button",
      {
        type: "button",
        disabled: small || waits,
        click: () => party.queue(mode, choice.strategy),
        "data-testid": `find-${mode}`,
      },
      mark(sign),
      element("span", {}, element("b", {}, title), element("small", {}, small ? "Too many for one side" : text)),
    );
  };
  const buttons = element("div", { class: "options" }, ...MODES.map(button));
  return element("fieldset", {}, element("legend", {}, "Find a match"), buttons);
}

function against(choice: Choice): HTMLElement {
  const all = STRATEGIES.map((strategy) => ({ value: strategy, ...STRATEGY_TEXTS[strategy] }));
  return options("Ranked against", all, choice.strategy, (strategy) => {
    choice.strategy = strategy;
    saveChoice(choice);
  }).node;
}
