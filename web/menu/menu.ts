import { type Choice, MODES, STRATEGIES, saveChoice } from "../choice.ts";
import { element } from "../element.ts";
import { mark } from "../marks.ts";
import { MODE_TEXTS, STRATEGY_TEXTS } from "../modes.ts";
import { nameInput } from "../nameInput.ts";
import { linkTo, type Route } from "../pages/route.ts";
import { ROLES } from "../roles.ts";
import { fillScreen } from "../screen.ts";
import { texts } from "../texts.ts";
import { options } from "./options.ts";

interface MenuModel {
  readonly choice: Choice;
  readonly signedIn: boolean;
}

/** An open match now, a ranked match from the queue, or a party. */
export type StartOption = "open" | "ranked" | "party";

/** Fills `screen` with the menu. `go` is called with a valid choice, which is also saved for the next visit. */
export function showMenu(
  screen: HTMLElement,
  { choice, signedIn }: MenuModel,
  go: (option: StartOption, choice: Choice) => void,
): void {
  const name = nameInput(choice.name, { id: "name", "data-testid": "name" });
  const modes = options(
    "mode",
    texts.menu.mode,
    MODES.map((mode) => ({ value: mode, ...MODE_TEXTS[mode] })),
    choice.mode,
  );
  const roles = options(
    "role",
    texts.menu.role,
    ROLES.map((role, index) => ({ value: index, mark: role.mark, title: role.title, text: role.text })),
    choice.role,
  );
  const opponents = options(
    "against",
    texts.opponents.legend,
    STRATEGIES.map((strategy) => ({ value: strategy, ...STRATEGY_TEXTS[strategy] })),
    choice.strategy,
  );
  const start = startButton("open", "play", texts.menu.play);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const wanted: Choice = {
      ...{ name: name.value, mode: modes.value(), role: roles.value() },
      strategy: opponents.value(),
    };
    saveChoice(wanted);
    go(((event.submitter as HTMLButtonElement | null)?.value as StartOption | undefined) ?? "open", wanted);
  };
  const form = element(
    "form",
    { class: "card", submit, "data-testid": "menu" },
    element(
      "header",
      {},
      element("h1", {}, mark("ally", "", "ally"), mark("enemy", "", "enemy"), texts.document.title),
      links(choice, signedIn),
    ),
    element("p", { class: "lead" }, texts.menu.lead),
    element(
      "fieldset",
      {},
      element("label", { class: "name", for: "name" }, texts.menu.name),
      element(
        "div",
        { class: "who" },
        name,
        element("span", { "data-testid": "who" }, signedIn ? texts.menu.signedIn : texts.menu.guest),
      ),
    ),
    modes.node,
    roles.node,
    opponents.node,
    element(
      "div",
      { class: "actions starts" },
      start,
      startButton("ranked", "ranked", texts.menu.ranked),
      startButton("party", "party", texts.menu.party),
    ),
    keyHints(),
    thumbHints(),
  );
  fillScreen(screen, form, start);
}

function startButton(
  option: StartOption,
  testId: string,
  { title, text }: { readonly title: string; readonly text: string },
): HTMLButtonElement {
  return element(
    "button",
    { type: "submit", name: "start", value: option, class: option === "open" ? "primary" : "", "data-testid": testId },
    element("b", { class: "start-title" }, title),
    element("small", { class: "start-text" }, text),
  );
}

function links({ mode }: Choice, signedIn: boolean): HTMLElement {
  const link = (text: string, route: Route): HTMLElement =>
    element("a", { class: "button", href: linkTo(route), "data-testid": `to-${route.screen}` }, text);
  return element(
    "nav",
    { "aria-label": texts.menu.pages },
    link(texts.menu.ranking, { screen: "ranking", mode }),
    link(texts.menu.profile, { screen: "profile", playerId: null }),
    link(signedIn ? texts.menu.account : texts.menu.signIn, { screen: "account" }),
  );
}

function keyHints(): HTMLElement {
  const hints = texts.menu.keys.map(({ keys: names, text }) =>
    element("span", {}, ...names.flatMap((key) => [element("kbd", {}, key), " "]), text),
  );
  return element("div", { class: "keys for-mouse" }, ...hints);
}

function thumbHints(): HTMLElement {
  const hints = texts.menu.thumbs.map(({ where, text }) => element("span", {}, element("b", {}, where), ` ${text}`));
  return element("div", { class: "keys for-touch", "data-testid": "thumbs" }, ...hints);
}
