import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./src/players/store/schema.ts",
  out: "./src/players/store/migrations",
});
