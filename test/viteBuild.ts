/** Vite's build, which sets NODE_ENV for the whole process. This restores it; programs started later would inherit it. */
import { build, type InlineConfig } from "vite";

export async function viteBuild(config: InlineConfig): Promise<Awaited<ReturnType<typeof build>>> {
  const before = process.env.NODE_ENV;
  try {
    return await build(config);
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}
