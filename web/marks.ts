/**
 * Icons: one path each in a 24 × 24 box, drawn in the overlay (SVG) and in the world (Pixi). Shape alone must distinguish
 * allies, enemies and roles; colour only repeats it.
 */
export const MARKS = {
  ranger: "M12 1L21 12H15.5V23H8.5V12H3Z",
  mage: "M12 0.5L15 9L23.5 12L15 15L12 23.5L9 15L0.5 12L9 9Z",
  knight: "M12 1L21 4.5V11C21 17 17 21 12 23.5C7 21 3 17 3 11V4.5Z",
  medic: "M8.5 2H15.5V8.5H22V15.5H15.5V22H8.5V15.5H2V8.5H8.5Z",
  beam: "M14 0.5L3.5 13.5H10.5L8 23.5L20.5 9.5H13Z",
  ally: "M12 2A10 10 0 1 1 12 22A10 10 0 1 1 12 2Z",
  enemy: "M12 0.5L23.5 12L12 23.5L0.5 12Z",
  death: "M5 1.5L12 8.5L19 1.5L22.5 5L15.5 12L22.5 19L19 22.5L12 15.5L5 22.5L1.5 19L8.5 12L1.5 5Z",
  duel: "M3 3L8 3L20 17L17 20L3 8ZM21 3L16 3L12.8 6.7L16.2 10.7L21 8ZM4 17L7.4 13L11 16.2L7 20Z",
  squad:
    "M6 4A4 4 0 1 1 6 12A4 4 0 1 1 6 4ZM18 4A4 4 0 1 1 18 12A4 4 0 1 1 18 4ZM1 21C1 11 11 11 11 21ZM13 21C13 11 23 11 23 21Z",
  ffa: "M12 1L14.5 8L21.8 6.3L17 12L21.8 17.7L14.5 16L12 23L9.5 16L2.2 17.7L7 12L2.2 6.3L9.5 8Z",
} as const;

export type Mark = keyof typeof MARKS;

const SVG = "http://www.w3.org/2000/svg";

/** An inline SVG of a mark in the colour of the text around it. Decorative unless given a label. */
export function mark(name: Mark, label = "", className = ""): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `mark ${className}`);
  if (label === "") svg.setAttribute("aria-hidden", "true");
  else {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", MARKS[name]);
  path.setAttribute("fill", "currentColor");
  svg.append(path);
  return svg;
}
