/** Owns the build of the page into `web/dist`, and the development server, which passes on what the game server answers. */
import { defineConfig } from "vite";

/** Where `npm start` listens; only the development server asks. */
const server = process.env.GAME_SERVER ?? "http://127.0.0.1:2567";

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  build: { outDir: "dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 900 },
  server: {
    host: "127.0.0.1",
    proxy: {
      "^/(matchmake|auth|api)/": server,
      "^/[\\w-]+/[\\w-]+\\?.*sessionId=": { target: server, ws: true },
    },
  },
});
