import path from "node:path";

/** The built package consists of JavaScript, and its command is `hypogeum`: it has no npm scripts. */
export const isPackage = path.extname(import.meta.filename) === ".js";

/** `text` with each call of a command, such as `npm run audit -- --json`, as users of this installation type it. */
export function asCalled(text: string, inPackage: boolean = isPackage): string {
  if (!inPackage) return text;
  const name = (_: string, script = "") => `hypogeum ${script}`.trimEnd();
  return text.replace(/\bnpm (?:start|run ([\w:]+))(?: --(?= ))?/g, name);
}
