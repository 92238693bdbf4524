/**
 * Exits on Windows, where the embedded database (a Unix socket in a private folder), the sync of directories and the stop signals
 * do not work. Imported first, before any module that needs these features.
 */
if (process.platform === "win32") {
  console.error("Windows is not supported: run the program on Linux or macOS, in WSL 2, or in a Linux container");
  process.exit(1);
}
