import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./src/players/database/schema.ts",
  out: "./src/players/database/migrations",
});
