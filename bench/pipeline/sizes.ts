/** How much the benchmark plays and how long it measures. The variables are for a quick run, or for a backlog of a whole hour. */
const { PIPELINE_ROOMS = "30", PIPELINE_WINDOW_SECONDS = "25", PIPELINE_BACKLOG_SECONDS = "180" } = process.env;

export const ROOMS = Number(PIPELINE_ROOMS);
export const SEATS = 16;
export const WINDOW_S = Number(PIPELINE_WINDOW_SECONDS);
export const WARM_UP_MS = 10_000;
/** Age at which files of the lake and of the bare consumer are closed. */
export const FLUSH_S = Math.max(1, Math.round(WINDOW_S * 0.8));
/** Contains as many closings of files in one run as in another. */
export const PEER_WINDOW_S = 2 * FLUSH_S;
export const MOVE_TICKS = 20;

/** Rooms and seconds of the backlog: an hour of 800 players, scaled down 1:20 by default. */
export const BACKLOG_ROOMS = 50;
export const BACKLOG_S = Number(PIPELINE_BACKLOG_SECONDS);
