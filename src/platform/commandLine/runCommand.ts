import { type CommandArguments, type CommandUsage, readArguments, UsageError, usageText } from "./CommandUsage.ts";

/**
 * Runs a command with the arguments of this process. `run` resolves to the exit code. Prints the help instead, if it is asked for, or
 * one line for wrong arguments, with exit code 2. Rejects if `run` does for another reason.
 */
export async function runCommand<O extends CommandUsage["options"]>(
  usage: CommandUsage<O>,
  run: (args: CommandArguments<O>) => number | Promise<number>,
): Promise<void> {
  try {
    const args = readArguments(usage, process.argv.slice(2));
    if (args.isHelp) process.stdout.write(usageText(usage));
    else process.exitCode = await run(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
