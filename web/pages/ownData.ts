/** Owns what people may do with what is stored of them: log out everywhere, take a copy, delete. */
import { element } from "../element.ts";
import type { Account } from "../net/Account.ts";
import { describeProblem } from "../net/problems.ts";
import { field, form } from "./forms.ts";
import { problem } from "./frame.ts";

/** To be typed, so that nobody deletes by a slip. */
const WORD = "delete";
const FILE = "hypogeum-export.json";

/** For whoever is known to the server; `changed` is told what was done. */
export function ownData(account: Account, changed: (said: string) => void): HTMLElement {
  const refused = element("div");
  const act = async (button: HTMLButtonElement, work: () => Promise<void>): Promise<void> => {
    button.disabled = true;
    refused.replaceChildren();
    try {
      await work();
    } catch (error) {
      refused.replaceChildren(problem(describeProblem(error)));
    }
    button.disabled = false;
  };
  const action = (testId: string, text: string, work: () => Promise<void>): HTMLButtonElement => {
    const button = element(
      "button",
      { type: "button", "data-testid": testId, click: () => void act(button, work) },
      text,
    );
    return button;
  };
  const exporting = action("export", "Download my data", async () => download(await account.exportData()));
  const everywhere = action("sign-out-everywhere", "Log out of all devices", async () => {
    await account.signOutEverywhere();
    changed("You are logged out on all devices.");
  });
  return element(
    "section",
    { class: "own-data", "data-testid": "own-data" },
    element("h2", {}, account.hasAccount ? "Devices and data" : "Your data as a guest"),
    element("p", { class: "hint" }, "The download holds your profile, ways to sign in, ratings and matches."),
    element("div", { class: "actions" }, ...(account.hasAccount ? [everywhere] : []), exporting),
    refused,
    deletion(account, changed),
  );
}

function deletion(account: Account, changed: (said: string) => void): HTMLElement {
  const what = account.hasAccount ? "my account" : "this guest";
  const typed = element("input", {
    type: "text",
    required: true,
    pattern: `\\s*[${WORD[0].toUpperCase()}${WORD[0]}]${WORD.slice(1)}\\s*`,
    title: `Type ${WORD}`,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    "data-testid": "delete-word",
  });
  const lost = account.hasAccount ? "Name, e-mail address, password and" : "Name and";
  return element(
    "details",
    { "data-testid": "deletion" },
    element("summary", {}, `Delete ${what} …`),
    form(
      "delete",
      [
        element(
          "p",
          { class: "hint" },
          `${lost} place in the ranking are removed at once and cannot be brought back. Matches keep a number in your place.`,
        ),
        field(`Type “${WORD}” to confirm`, typed),
      ],
      `Delete ${what} for good`,
      async () => {
        await account.delete();
        changed("Done. Nothing here names you any more.");
      },
    ),
  );
}

/** Hands what was exported to the browser as a file. */
function download(exported: unknown): void {
  const file = new Blob([JSON.stringify(exported, null, 2)], { type: "application/json" });
  const href = URL.createObjectURL(file);
  element("a", { href, download: FILE }).click();
  // Not before the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
