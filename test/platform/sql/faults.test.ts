import assert from "node:assert/strict";
import { faultOf } from "../../../src/platform/sql/faults.ts";

const ofServer = (code: string) => faultOf(Object.assign(new Error("message"), { code, severity: "ERROR" }));

describe("what an error says about the database", () => {
  const expected = {
    statement: ["22021", "22P02", "23505", "23514", "42601", "42883", "21000", "25P02", "54000", "P0001", "0A000"],
    schema: ["42P01", "42703", "3F000"],
    denied: ["42501"],
    busy: ["40001", "40P01", "55P03", "57014", "53200", "25P03"],
    connection: ["08006", "08P01", "28000", "28P01", "3D000", "53300", "57P01", "57P03"],
    database: ["25006", "53000", "53100", "53400", "58030", "F0000", "XX000", "XX001", "72000"],
  };
  for (const [fault, states] of Object.entries(expected))
    it(`is "${fault}" for ${states.join(", ")}`, () => {
      assert.deepEqual(states.map(ofServer), Array(states.length).fill(fault));
    });

  it("is the fault of the database for an unknown SQL state, and of the connection for an error of Node or of the driver", () => {
    assert.equal(ofServer("ZZ999"), "database");
    for (const code of ["ECONNRESET", "EPIPE", "CERT_HAS_EXPIRED", "ERR_SSL_WRONG_VERSION_NUMBER", "ENEW"])
      assert.equal(faultOf(Object.assign(new Error("message"), { code })), "connection");
    assert.equal(faultOf(new Error("something that no version of the driver says today")), "connection");
  });
});
