import type { Tracer } from "./Tracer.ts";

export const noTracer: Tracer = { isOn: false, record() {}, async stop() {} };
