/** Owns what the page says of each role; positions are the role numbers of the contract. */
import type { Mark } from "./marks.ts";

export interface RoleText {
  readonly mark: Mark;
  readonly title: string;
  readonly text: string;
}

export const ROLES: readonly RoleText[] = [
  { mark: "ranger", title: "Ranger", text: "Bolt: hits at once, from afar" },
  { mark: "mage", title: "Mage", text: "Orb: flies, then hurts" },
  { mark: "knight", title: "Knight", text: "Blade: close and heavy" },
  { mark: "medic", title: "Medic", text: "Beam: heals friends, burns foes" },
];

/** The mark of the role whose weapon this is. */
export const WEAPON_MARKS: Readonly<Record<string, Mark>> = {
  bolt: "ranger",
  orb: "mage",
  blade: "knight",
  beam: "medic",
};
