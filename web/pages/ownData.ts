/** What players can do with their stored data: sign out everywhere, download a copy, delete. */
import { element } from "../element.ts";
import type { Account } from "../net/Account.ts";
import { describeProblem } from "../net/problems.ts";
import { texts } from "../texts.ts";
import { field, form } from "./forms.ts";
import { problem } from "./frame.ts";

const WORD = texts.ownData.deleteWord;
const FILE = "hypogeum-export.json";

/** For a signed-in player, guest or account. `changed` is called with a message that says what was done. */
export function ownData(account: Account, changed: (message: string) => void): HTMLElement {
  const errorBox = element("div");
  const act = async (button: HTMLButtonElement, work: () => Promise<void>): Promise<void> => {
    button.disabled = true;
    errorBox.replaceChildren();
    try {
      await work();
    } catch (error) {
      errorBox.replaceChildren(problem(describeProblem(error)));
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
  const exportButton = action("export", texts.ownData.download, async () => download(await account.exportData()));
  const signOutButton = action("sign-out-everywhere", texts.ownData.signOutEverywhere, async () => {
    await account.signOutEverywhere();
    changed(texts.ownData.signedOutEverywhere);
  });
  return element(
    "section",
    { class: "own-data", "data-testid": "own-data" },
    element("h2", {}, account.isRegistered ? texts.ownData.title : texts.ownData.guestTitle),
    element("p", { class: "hint" }, texts.ownData.hint),
    element("div", { class: "actions" }, ...(account.isRegistered ? [signOutButton] : []), exportButton),
    errorBox,
    deletion(account, changed),
  );
}

function deletion(account: Account, changed: (message: string) => void): HTMLElement {
  const isRegistered = account.isRegistered;
  const typed = element("input", {
    type: "text",
    required: true,
    pattern: `\\s*[${WORD[0].toUpperCase()}${WORD[0]}]${WORD.slice(1)}\\s*`,
    title: texts.ownData.deleteWordTitle(WORD),
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    "data-testid": "delete-word",
  });
  return element(
    "details",
    { "data-testid": "deletion" },
    element("summary", {}, isRegistered ? texts.ownData.deleteSummary : texts.ownData.deleteSummaryGuest),
    form(
      "delete",
      [
        element("p", { class: "hint" }, isRegistered ? texts.ownData.deleteHint : texts.ownData.deleteHintGuest),
        field(texts.ownData.deleteWordLabel(WORD), typed),
      ],
      isRegistered ? texts.ownData.delete : texts.ownData.deleteGuest,
      async () => {
        await account.delete();
        changed(isRegistered ? texts.ownData.deleted : texts.ownData.deletedGuest);
      },
    ),
  );
}

/** Starts the download of the export as a file. */
function download(exported: unknown): void {
  const file = new Blob([JSON.stringify(exported, null, 2)], { type: "application/json" });
  const href = URL.createObjectURL(file);
  element("a", { href, download: FILE }).click();
  // By then, the browser has started to read it.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
