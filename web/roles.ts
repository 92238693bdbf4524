/** Owns what the page says of each role; positions are the role numbers of the contract. */
import type { Mark } from "./marks.ts";

interface RoleText {
  readonly mark: Mark;
  readonly weapon: Mark;
  readonly title: string;
  readonly text: string;
}

export const ROLES: readonly RoleText[] = [
  { mark: "ranger", weapon: "ranger", title: "Ranger", text: "Bolt: hits at once, from afar" },
  { mark: "mage", weapon: "mage", title: "Mage", text: "Orb: flies, then hurts" },
  { mark: "knight", weapon: "knight", title: "Knight", text: "Blade: close and heavy" },
  { mark: "medic", weapon: "beam", title: "Medic", text: "Beam: heals friends, burns foes" },
];

/** Marks of the weapons, by their names in events. */
export const WEAPON_MARKS: Readonly<Record<string, Mark>> = {
  bolt: ROLES[0].weapon,
  orb: ROLES[1].weapon,
  blade: ROLES[2].weapon,
  beam: ROLES[3].weapon,
};
