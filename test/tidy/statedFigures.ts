/**
 * Numbers with a unit that the documents state and that nobody measured: limits, settings, goals, and what others have published. By
 * document, each with what it is.
 */
export const STATED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "README.md": { "0.18": "the version of Colyseus" },
  "ARCHITECTURE.md": { "250 ms": "limit of the rewind", "20 Hz": "the workload" },
  "docs/api.md": { "32 MiB": "setting of scrypt", "16 KiB": "limit of a body" },
  "docs/capacity.md": { "20 Hz": "the workload", "256 KiB": "limit of unsent bytes" },
  "docs/codes.md": {
    "20 s": "limit of a reconnection",
    "4 KiB": "limit of a message",
    "200 ms": "limit of waiting frames, and of a frame's repetition",
    "256 KiB": "limit of unsent bytes",
    "10 s": "limit for taking up a seat",
    "64 KiB": "limit of a body",
  },
  "docs/guarantees.md": {
    "250 ms": "limit of the commit lag",
    "60 ms": "delay of the simulated disk",
    "1 %": "goal that the test holds",
  },
  "docs/lake.md": { "64 MB": "limit of a file" },
  "docs/matchmaking.md": {
    "1 s": "silence of a process that is asked about",
    "2 s": "a lease, and the time to answer",
    "5 s": "silence of who waits, and the wait for another rival",
    "6 s": "limit for having the seats",
    "10 s": "limit for confirming",
    "30 s": "limit for sitting down by ticket, for a question's wait, and the widest band",
    "60 s": "silence of a ticket",
  },
  "docs/outbox.md": {
    "250 ms": "limit of the commit lag",
    "64 MiB": "limit of what waits in memory",
    "30 s": "the operating system's own habit",
  },
  "docs/processes.md": { "25 s": "limit for ending" },
};
