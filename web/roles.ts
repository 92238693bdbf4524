/** Title, text and icons of each role. The array index is the role number of the protocol. */
import type { Mark } from "./marks.ts";
import { texts } from "./texts.ts";

interface RoleText {
  readonly mark: Mark;
  readonly weapon: Mark;
  readonly title: string;
  readonly text: string;
}

export const ROLES: readonly RoleText[] = [
  { mark: "ranger", weapon: "ranger", ...texts.roles.ranger },
  { mark: "mage", weapon: "mage", ...texts.roles.mage },
  { mark: "knight", weapon: "knight", ...texts.roles.knight },
  { mark: "medic", weapon: "beam", ...texts.roles.medic },
];

/** By the weapon names used in events. */
export const WEAPON_MARKS: Readonly<Record<string, Mark>> = {
  bolt: ROLES[0].weapon,
  orb: ROLES[1].weapon,
  blade: ROLES[2].weapon,
  beam: ROLES[3].weapon,
};
