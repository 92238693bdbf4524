/** What needs no service and no browser: every test file that, with all it imports from `test/`, brings none up. */
const { readdirSync, readFileSync } = require("node:fs");
const path = require("node:path");
const all = require("./.mocharc.json");

const service = /useServices|startServices|RedisServers|ensureChromium|tools\/services\/(native|cli)/;
const long = /^test\/(chaos\/|loadtest\/|deploy\/dockerfile|tools\/build\/)/;

/** The file's text and that of the test files it imports, each once. */
function textOf(file, seen = new Set()) {
  if (seen.has(file)) return "";
  seen.add(file);
  const text = readFileSync(path.join(__dirname, file), "utf8");
  const imported = [...text.matchAll(/from "(\.[^"]+)"/g)]
    .map((match) => path.join(path.dirname(file), match[1]))
    .filter((target) => target.startsWith("test/"));
  return [text, ...imported.map((target) => textOf(target, seen))].join("\n");
}

module.exports = {
  ...all,
  spec: readdirSync(path.join(__dirname, "test"), { recursive: true })
    .map((file) => path.join("test", file))
    .filter((file) => file.endsWith(".test.ts") && !long.test(file) && !service.test(textOf(file))),
};
