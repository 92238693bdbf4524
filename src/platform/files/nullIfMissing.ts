/** For `catch`: returns null if a file or directory does not exist, and throws any other error. */
export function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
