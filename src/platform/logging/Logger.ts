/** The part of pino's logger that the pipeline uses. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Logs each warning with the fields that `fieldsOf` returns, or at level debug if it returns null. */
export function withWarnings(
  logger: Logger,
  fieldsOf: (fields: object & { readonly error?: unknown }, message: string) => object | null,
): Logger {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    error: (fields, message) => logger.error(fields, message),
    warn(fields, message) {
      const shown = fieldsOf(fields, message);
      if (shown === null) logger.debug(fields, message);
      else logger.warn(shown, message);
    },
  };
}

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
