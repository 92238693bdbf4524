import assert from "node:assert/strict";
import { asCalled } from "../../../src/platform/commandLine/asCalled.ts";

describe("the call of a command", () => {
  const calls = {
    "npm start": "hypogeum",
    "npm start -- --port 80": "hypogeum --port 80",
    "npm run migrate": "hypogeum migrate",
    "run `npm run retention -- --force`, or `npm run ranking:rebuild`":
      "run `hypogeum retention --force`, or `hypogeum ranking:rebuild`",
  };
  for (const [inCheckout, inPackage] of Object.entries(calls))
    it(`is ${inCheckout} in a checkout, and ${inPackage} in the package`, () => {
      assert.equal(asCalled(inCheckout), inCheckout);
      assert.equal(asCalled(inCheckout, true), inPackage);
    });
});
