#!/usr/bin/env node
/**
 * The program's entry: `hypogeum [COMMAND] [--FLAG VALUE]…`. Without a command, starts the server. Refuses a Node that is too old.
 * This file is JavaScript, and CommonJS, because an old Node must be able to read it. It imports `.ts` in a checkout and `.js` in
 * the built package.
 */
const { existsSync } = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

/** The first versions of Node that run TypeScript without a flag. */
const OLDEST = [
  [22, 18],
  [23, 6],
];

const [major, minor] = process.versions.node.split(".").map(Number);
const oldest = OLDEST.find(([one]) => one === major);
if (oldest === undefined ? major < OLDEST[0][0] : minor < oldest[1]) {
  console.error(
    `Node ${process.versions.node} (${process.execPath}) is too old: Hypogeum needs Node ${OLDEST[0].join(".")} or newer. ` +
      "Install a newer Node. In a checkout, you can instead run `npm install` without --ignore-scripts and --omit=optional, which installs a Node for `npm start`",
  );
  process.exit(1);
}

/** `command.ts` runs all of these, and reads the name of the command itself. */
const COMMANDS = [
  "audit",
  "outbox",
  "rebuild",
  "redrive",
  "retention",
  "migrate",
  "ranking:rebuild",
  "players:lost",
  "operator",
  "check:game",
  "dev",
];
const OWN_MODULE = {
  loadtest: "../../loadtest/loadtest",
  soak: "../../loadtest/soak",
  "events:schema": "commands/eventSchemas",
};

const [command] = process.argv.slice(2);
let target = COMMANDS.includes(command) ? "commands/command" : "start";
if (Object.keys(OWN_MODULE).includes(command)) {
  target = OWN_MODULE[command];
  process.argv.splice(2, 1);
}
const file = path.join(__dirname, target);
// Until the server has its own handlers, there is nothing to stop. Without these handlers, a signal would end the process with an error
// or, in the first process of a container, be lost.
if (target === "start")
  for (const signal of ["SIGINT", "SIGTERM"])
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(0);
    });
import(pathToFileURL(existsSync(`${file}.ts`) ? `${file}.ts` : `${file}.js`).href);
