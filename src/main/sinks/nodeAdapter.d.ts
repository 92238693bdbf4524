/** comlink ships the types of this module as `.d.ts`, which TypeScript does not apply to an `.mjs` file. */
declare module "comlink/dist/esm/node-adapter.mjs" {
  import type { Endpoint } from "comlink";
  export default function nodeEndpoint(port: unknown): Endpoint;
}
