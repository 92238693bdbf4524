/** A log that keeps its lines. */
export function recordLines() {
  const lines: [level: string, fields: object, line: string][] = [];
  const level = (name: string) => (fields: object | string, line?: string) =>
    void lines.push(typeof fields === "string" ? [name, {}, fields] : [name, fields, line!]);
  const log = Object.fromEntries(["trace", "debug", "info", "warn", "error"].map((name) => [name, level(name)]));
  return { lines, log: log as any };
}
