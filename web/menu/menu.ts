/**
 * Owns the menu: name, mode, role, the button that starts a fight, and the ways to the other pages. Knows nothing of
 * connections.
 */
import { type Choice, cleanName, MODES, NAME_LENGTH_MAX, STRATEGIES, saveChoice } from "../choice.ts";
import { element } from "../element.ts";
import { mark } from "../marks.ts";
import { MODE_TEXTS, STRATEGY_TEXTS } from "../modes.ts";
import { linkTo, type Route } from "../pages/route.ts";
import { ROLES } from "../roles.ts";
import { options } from "./options.ts";

interface MenuModel {
  readonly choice: Choice;
  readonly signedIn: boolean;
}

/** An open match now, an even match from the queue, or friends first. */
export type Way = "open" | "ranked" | "party";

/** Fills `screen` with the menu. `go` is called with a checked choice, which is also kept for the next visit. */
export function showMenu(
  screen: HTMLElement,
  { choice, signedIn }: MenuModel,
  go: (way: Way, choice: Choice) => void,
): void {
  const name = element("input", {
    type: "text",
    id: "name",
    maxlength: NAME_LENGTH_MAX,
    autocomplete: "nickname",
    spellcheck: "false",
    value: choice.name,
    "data-testid": "name",
  });
  const modes = options(
    "Mode",
    MODES.map((mode) => ({ value: mode, ...MODE_TEXTS[mode] })),
    choice.mode,
  );
  const roles = options(
    "Role",
    ROLES.map((role, index) => ({ value: index, mark: role.mark, title: role.title, text: role.text })),
    choice.role,
  );
  const opponents = options(
    "Ranked against",
    STRATEGIES.map((strategy) => ({ value: strategy, ...STRATEGY_TEXTS[strategy] })),
    choice.strategy,
  );
  const start = wayButton("open", "play", "Play", "At once; bots fill in");
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const wanted: Choice = {
      ...{ name: cleanName(name.value) || choice.name, mode: modes.value(), role: roles.value() },
      strategy: opponents.value(),
    };
    saveChoice(wanted);
    go(((event.submitter as HTMLButtonElement | null)?.value as Way | undefined) ?? "open", wanted);
  };
  const form = element(
    "form",
    { class: "card", submit, "data-testid": "menu" },
    element(
      "header",
      {},
      element("h1", {}, mark("ally", "", "ally"), mark("enemy", "", "enemy"), "Hypogeum"),
      links(choice, signedIn),
    ),
    element("p", { class: "lead" }, "Pick a fight: at once, against people of your level, or together with friends."),
    element(
      "fieldset",
      {},
      element("label", { class: "name", for: "name" }, "Your name"),
      element(
        "div",
        { class: "who" },
        name,
        element("span", { "data-testid": "who" }, signedIn ? "✓ signed in" : "guest"),
      ),
    ),
    modes.node,
    roles.node,
    opponents.node,
    element(
      "div",
      { class: "actions ways" },
      start,
      wayButton("ranked", "ranked", "Ranked match", "Wait for people; no bots"),
      wayButton("party", "party", "Party", "Queue with friends"),
    ),
    keys(),
  );
  screen.replaceChildren(form);
  start.focus();
}

function wayButton(way: Way, testId: string, title: string, text: string): HTMLButtonElement {
  return element(
    "button",
    { type: "submit", name: "way", value: way, class: way === "open" ? "primary" : "", "data-testid": testId },
    element("b", { class: "way-title" }, title),
    element("small", { class: "way-text" }, text),
  );
}

function links({ mode }: Choice, signedIn: boolean): HTMLElement {
  const link = (text: string, route: Route): HTMLElement =>
    element("a", { class: "button", href: linkTo(route), "data-testid": `to-${route.screen}` }, text);
  return element(
    "nav",
    { "aria-label": "Pages" },
    link("Ranking", { screen: "ranking", mode }),
    link("Your record", { screen: "record", playerId: null }),
    link(signedIn ? "Account" : "Sign in", { screen: "account" }),
  );
}

function keys(): HTMLElement {
  const hint = (text: string, ...names: string[]): HTMLElement =>
    element("span", {}, ...names.flatMap((key) => [element("kbd", {}, key), " "]), text);
  return element(
    "div",
    { class: "keys" },
    hint("or arrows: move", "W", "A", "S", "D"),
    hint("aim", "Mouse"),
    hint("or left button: attack", "Space"),
    hint("or right button: heal", "E"),
    hint("scores", "Tab"),
  );
}
