/**
 * Numbers with a unit that the documents state and that are not measurements: limits, settings, goals, and figures that others
 * have published. By document, each with what it is.
 */
export const STATED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "README.md": {
    "0.18": "the version of Colyseus",
    "20.19": "the oldest Node for `npm install`",
    "22.18": "the oldest Node that runs the program",
  },
  "CONTRIBUTING.md": { "20.19": "the oldest Node for `npm install`" },
  "ARCHITECTURE.md": { "250 ms": "limit of the rewind", "20 Hz": "the workload" },
  "docs/api.md": {
    "32 MiB": "setting of scrypt",
    "16 KiB": "limit of a body",
    "75 s": "limit of an idle connection",
    "60 s": "usual limit of load balancers",
    "30 s": "default of ratedMinMs",
    "5 s": "limit of a query",
    "1 s": "limit of a query while the database does not answer",
  },
  "docs/capacity.md": { "20 Hz": "the workload", "256 KiB": "limit of unsent bytes" },
  "docs/codes.md": {
    "20 s": "limit of a reconnection",
    "4 KiB": "limit of a message",
    "200 ms": "limit of waiting frames, and of repeating the last frame",
    "256 KiB": "limit of unsent bytes",
    "10 s": "limit for joining after connecting",
    "16 KiB": "limit of a body",
  },
  "docs/deployment.md": {
    "25 s": "limit of stopping after DRAIN_SECONDS",
    "314 s": "the longest mode of the arena: wait, countdown and time limit",
    "360 s": "DRAIN_SECONDS of the examples",
    "15 s": "interval of heartbeats",
    "1.31": "the oldest Kubernetes with ordinals that start anywhere",
  },
  "docs/guarantees.md": {
    "250 ms": "limit of the commit lag",
    "60 ms": "delay of the simulated disk",
    "1 %": "goal that the test enforces",
    "0.2 s": "first pause of a partition, an outbox and the embedded database",
    "0.25 s": "first pause of Kafka's producer and consumers and of the wait for Redis, and interval of heartbeats",
    "0.1 s": "first pause of the live feed",
    "0.05 s": "first pause of a conflict in S3",
    "0.5 s": "first pause of a supervised process, and interval of pairing",
    "1 s": "first pause of a rebuild, a migration and a thread, and last pause of a conflict in S3",
    "5 s": "last pause of a relay, a producer, the live feed and the wait for Redis, and first pause of mail",
    "10 s": "last pause of a partition and a consumer",
    "15 s": "last pause of a migration and a restarted process",
    "30 s": "time after which a member of a consumer group counts as joined, and pause of mail",
    "60 s": "last pause of a rebuild and a thread",
    "1 h": "last pause of daily work",
  },
  "docs/lake.md": { "64 MB": "limit of a file" },
  "docs/matchmaking.md": {
    "1 s": "silence after which a process is asked whether it is alive",
    "2 s": "length of a lease, and limit for that answer",
    "4 s": "time until a process that does not answer is considered dead",
    "5 s":
      "limit of silence of a process with entries, wait before a rematch, and limit of a reconnection before the start",
    "6 s": "limit for reserving the seats",
    "10 s": "limit for confirming",
    "15 s": "how long a reservation is valid",
    "20 s": "limit of a reconnection, and how long an unused reservation counts",
    "40 s": "how long a match of the queue waits for its players",
    "30 s":
      "first cooldown, limit for taking a seat by ticket, limit of `wait`, and wait after which a player counts twice",
    "60 s": "limit between requests of a ticket",
  },
  "docs/outbox.md": {
    "250 ms": "limit of the commit lag",
    "64 MiB": "limit of records in memory",
    "30 s": "typical write-back time of the operating system",
  },
  "docs/processes.md": {
    "25 s": "limit for stopping",
    "5 s": "interval of the check of a topic that is held",
    "10 s": "time without an answer after which a connection to Redis is replaced",
    "1 s": "first pause of a topic that refused a message",
    "15 s": "last pause of a topic that refused a message",
    "8 MiB": "limit of a message",
  },
  "docs/runbook.md": {
    "20 ms": "threshold of an alert",
    "10 ms": "threshold of an alert",
    "250 ms": "limit of the commit lag",
  },
};
