/** Title, text and icons of each role. The array index is the role number of the protocol. */
import type { Mark } from "./marks.ts";
import { texts } from "./texts.ts";

interface RoleText {
  /** Icon of the role. */
  readonly mark: Mark;
  /** Icon of the role's weapon. Three weapons have the icon of their role. */
  readonly weaponMark: Mark;
  readonly title: string;
  readonly text: string;
}

export const ROLES: readonly RoleText[] = [
  { mark: "ranger", weaponMark: "ranger", ...texts.roles.ranger },
  { mark: "mage", weaponMark: "mage", ...texts.roles.mage },
  { mark: "knight", weaponMark: "knight", ...texts.roles.knight },
  { mark: "medic", weaponMark: "beam", ...texts.roles.medic },
];

/** Icon of each weapon, by the weapon's name in events. */
export const WEAPON_MARKS: Readonly<Record<string, Mark>> = {
  bolt: ROLES[0].weaponMark,
  orb: ROLES[1].weaponMark,
  blade: ROLES[2].weaponMark,
  beam: ROLES[3].weaponMark,
};
