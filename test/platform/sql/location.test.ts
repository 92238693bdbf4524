import assert from "node:assert/strict";
import { driverUrlOf, locationOf } from "../../../src/platform/sql/location.ts";
import { SessionSettings } from "../../../src/platform/sql/SessionSettings.ts";

describe("the location of a database", () => {
  it("shows an IPv6 address in brackets, in the URL as in its parameters", () => {
    assert.equal(locationOf("DATABASE_URL", "postgres://u@[::1]:5433/d").address, "[::1]:5433");
    assert.equal(locationOf("DATABASE_URL", "postgres:///d?host=::1").address, "[::1]:5432");
  });
});

describe("the parameter options of a database URL", () => {
  const url = "postgres://u:p%40@h/d?options=-c%20search_path%3Dgame&statement_timeout=5&application_name=a";

  it("is taken out of the URL, as are time limits that would replace the program's", () => {
    assert.deepEqual(driverUrlOf("DATABASE_URL", url), {
      connectionString: "postgres://u:p%40@h/d?application_name=a",
      options: "-c search_path=game",
    });
  });

  it("is sent before the program's own options, because the last value of a setting applies", () => {
    const settings = new SessionSettings(1000, "-c search_path=game");
    assert.match(settings.startOptions!, /^-c search_path=game -c TimeZone=UTC -c statement_timeout=1000 /);
  });

  it("is all that is sent to a pooler that refuses the program's options", () => {
    const refused = { code: "08P01", severity: "FATAL" };
    const settings = new SessionSettings(1000, "-c search_path=game");
    assert.equal(settings.areRefused(refused), true);
    assert.equal(settings.startOptions, "-c search_path=game");
    const without = new SessionSettings(1000);
    without.areRefused(refused);
    assert.equal(without.startOptions, undefined);
  });
});
