/** Prints every load of a package of OpenTelemetry, in any thread, as one line: package, then the file that loads it. */
import { writeSync } from "node:fs";
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith("@opentelemetry/")) writeSync(1, `loads ${specifier} in ${context.parentURL}\n`);
    return next(specifier, context);
  },
});
