/** Builds the page into `web/dist`. The development server proxies requests to the game server. */
import { defineConfig, type Plugin } from "vite";
import { texts } from "./texts.ts";

/** Replaces `{{name}}` in `index.html` by the text of that name. */
const documentTexts: Plugin = {
  name: "document-texts",
  transformIndexHtml: (html) =>
    html.replace(/\{\{(\w+)\}\}/g, (_, name: keyof typeof texts.document) => texts.document[name]),
};

/** The page of the arena, and the one for any other game. */
const pages = ["index.html", "neutral.html"].map((file) => `${import.meta.dirname}/${file}`);

/** Address of the game server; used by the development server only. */
const server = process.env.GAME_SERVER ?? "http://127.0.0.1:2567";

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [documentTexts],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    rollupOptions: { input: pages },
    target: "es2022",
    chunkSizeWarningLimit: 900,
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "^/(matchmake|auth|api)/": server,
      "^/[\\w-]+/[\\w-]+\\?.*sessionId=": { target: server, ws: true },
    },
  },
});
