/** Rows of toggle buttons of which exactly one is pressed. */
import { element } from "../element.ts";
import { type Mark, mark } from "../marks.ts";

interface Option<V> {
  readonly value: V;
  readonly mark: Mark;
  readonly title: string;
  readonly text: string;
}

/** `testId` is the prefix of the test ids of the buttons. `changed` is called with each new choice. */
export function options<V extends string | number>(
  testId: string,
  legend: string,
  all: readonly Option<V>[],
  chosen: V,
  changed: (value: V) => void = () => {},
) {
  let current = chosen;
  const buttons = all.map((option) =>
    element(
      "button",
      {
        type: "button",
        "aria-pressed": String(option.value === chosen),
        "data-testid": `${testId}-${option.value}`,
        click: () => {
          current = option.value;
          changed(current);
          for (const [index, button] of buttons.entries())
            button.setAttribute("aria-pressed", String(all[index].value === current));
        },
      },
      mark(option.mark),
      element("span", {}, element("b", {}, option.title), element("small", {}, option.text)),
    ),
  );
  const node = element("fieldset", {}, element("legend", {}, legend), element("div", { class: "options" }, ...buttons));
  return { node, value: () => current };
}
