import type { Logger } from "../logging/Logger.ts";
import { noTracer } from "./noTracer.ts";
import type { Tracer } from "./Tracer.ts";

interface TracerOptions {
  /** The environment, with flags and files of secrets replacing their variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Names this process among those of the program. */
  readonly instance: string;
  readonly logger: Logger;
}

/** Loads OpenTelemetry only if OTEL_EXPORTER_OTLP_ENDPOINT is set. */
export async function openTracer({ env, instance, logger }: TracerOptions): Promise<Tracer> {
  if (!env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_SDK_DISABLED?.toLowerCase() === "true") return noTracer;
  // The SDK reads its variables only from process.env, which lacks flags and the contents of files.
  for (const [name, value] of Object.entries(env)) if (name.startsWith("OTEL_")) process.env[name] = value;
  const { OtlpTracer } = await import("./OtlpTracer.ts");
  return new OtlpTracer(instance, logger);
}
