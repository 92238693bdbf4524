/** Every text that a player reads on the page, by screen. Texts with values are functions. */

const matches = (count: number): string => (count === 1 ? "1 rated match" : `${count} rated matches`);

const invalidRequest = "The server closed the connection because of an invalid request. Reload the page and try again.";
const reconnectFailed = "Connection lost. Reconnecting took too long. Join again.";
const tooManyAttempts = "Too many attempts. Wait a moment and try again.";

export const texts = {
  /** What `index.html` contains; the build fills it in (`vite.config.ts`). */
  document: {
    title: "Hypogeum",
    matchFound: "Match found! – Hypogeum",
    invitations: "Party invitations",
    noScript: "This game needs JavaScript. Turn it on in your browser and reload the page.",
  },

  common: {
    close: "Close",
    menu: "Menu",
    back: "Back",
    loading: "Loading…",
    tryAgain: "Try again",
    you: " (you)",
    bot: " (bot)",
    playerCount: (count: number): string => (count === 1 ? "1 player" : `${count} players`),
    /** Until players choose a name. */
    guestName: (number: number): string => `Guest ${number}`,
    /** A player without a name, by the first characters of the id. */
    unnamedPlayer: (shortId: string): string => `Player ${shortId}`,
  },

  /** The page for any game. */
  neutral: {
    title: "Games",
    match: (game: string, mode: string): string => `${game}, ${mode}`,
    status: (phase: string, tick: number, perSecond: number): string =>
      `${phase}, tick ${tick}, ${perSecond.toFixed(1)} ticks/s`,
    keys: (fields: readonly string[]): string => `Arrow keys or WASD: ${fields.join(", ")}`,
    facts: "Latest events",
    atTick: (tick: number): string => `tick ${tick}`,
    leave: "Leave",
  },

  modes: {
    duel: { title: "Duel", text: "1 vs 1" },
    squad: { title: "Squad", text: "4 vs 4" },
    ffa: { title: "Free for all", text: "16 players, solo" },
  },

  opponents: {
    legend: "Choose your opponents for ranked matches",
    elo: { title: "Similar rating", text: "Players near your rating" },
    random: { title: "Anyone", text: "Players of any rating" },
  },

  roles: {
    ranger: { title: "Ranger", text: "Bolt: instant, long range" },
    mage: { title: "Mage", text: "Orb: slow, area damage" },
    knight: { title: "Knight", text: "Blade: melee, high damage" },
    medic: { title: "Medic", text: "Beam: heals, attacks" },
  },

  menu: {
    lead: "Play now, queue for a ranked match, or team up with friends.",
    name: "Your name",
    signedIn: "✓ signed in",
    guest: "guest",
    mode: "Mode",
    role: "Role",
    play: { title: "Play", text: "Now; bots fill free slots" },
    ranked: { title: "Ranked match", text: "Queue for players; no bots" },
    party: { title: "Party", text: "Queue with friends" },
    pages: "Pages",
    ranking: "Ranking",
    profile: "Profile",
    account: "Account",
    signIn: "Sign in",
    keys: [
      { keys: ["W", "A", "S", "D"], text: "or arrow keys: move" },
      { keys: ["Mouse"], text: "aim" },
      { keys: ["Space"], text: "or left button: attack" },
      { keys: ["E"], text: "or right button: heal" },
      { keys: ["Tab"], text: "scores" },
    ],
    /** For touch, instead of `keys`. */
    thumbs: [
      { where: "Left thumb:", text: "move" },
      { where: "Right thumb:", text: "drag to aim and attack; hold to attack the nearest enemy" },
      { where: "Score:", text: "tap it to see all scores" },
    ],
  },

  /** Progress and loss of the connection to a match. */
  connection: {
    findingMatch: "Looking for a match…",
    rejoiningMatch: "Rejoining your match…",
    lost: "Connection lost. Reconnecting…",
    operator: (text: string) => `Message from the server: ${text}`,
  },

  hud: {
    ownScore: "Your score",
    enemyScore: "Enemy score",
    attack: "Attack",
    attackKey: "Space",
    heal: "Heal",
    healKey: "E",
    leave: "Leave",
    killed: "killed",
    noTime: "–:––",
    waiting: "Waiting for players",
    waitingDetail: (count: number, isRanked: boolean): string => {
      const joined = `${count === 1 ? "1 player has" : `${count} players have`} joined.`;
      return `${joined} ${isRanked ? "The match starts when all players have joined." : "Bots fill the free slots."}`;
    },
    matchOver: "Match over",
    eliminated: "Eliminated",
    eliminatedDetail: "You have no lives left.",
    died: "You died",
    respawn: (seconds: string): string => `Respawn in ${seconds} s`,
    lives: (lives: number): string => `${lives} lives each`,
    scoreLimit: (limit: number): string => `first to ${limit}`,
    connectionLost: "connection lost",
    noResponse: "no response…",
    ping: (ms: number): string => `ping ${ms} ms`,
    tick: (tick: number, rate: number): string => `tick ${tick} @ ${rate} Hz`,
  },

  scores: {
    columns: ["Player", "Kills", "Deaths", "Score"],
    ally: "ally",
    enemy: "enemy",
  },

  result: {
    label: "Result",
    victory: "Victory",
    defeat: "Defeat",
    draw: "Draw",
    opponentLeft: "Your opponent left the match.",
    placeOf: (place: number, of: number, kills: number): string =>
      `You placed ${place} of ${of} with ${kills === 1 ? "1 kill" : `${kills} kills`}.`,
    kills: (own: number, enemy: number): string => `Kills: ${own} to ${enemy}.`,
    ratingPending: "Rating: calculating…",
    ratingLate: "Rating: not available yet. It will appear in your profile.",
    ratingLabel: "Rating ",
    unrated: "Not rated. ",
    unratedShort: "Not rated: the match was too short. ",
    unratedBots: "Not rated: bots took part. ",
    viewMatch: "View match",
    playAgain: "Play again",
    queueAgain: "Queue again",
    backToParty: "Back to party",
    profile: "Your profile",
  },

  queue: {
    label: "Ranked queue",
    title: (mode: string): string => `Ranked ${mode.toLowerCase()}`,
    leadSimilar: "Looking for players near your rating. The search widens while you wait.",
    leadAnyone: "Looking for players of any rating.",
    cancel: "Cancel",
    joining: "Joining the queue…",
    rejoined: "The connection was lost. You joined the queue again, and your waiting time starts from zero.",
    returned: "A player did not confirm. You are back in the queue and keep your waiting time.",
    reconnecting: "Connection lost. Reconnecting… Your place in the queue is kept.",
    waited: "Time in queue",
    estimate: "Estimated wait",
    players: "In the queue",
    estimateUnknown: "unknown",
    estimateAbout: (time: string): string => `about ${time}`,
  },

  matchFound: {
    title: "Match found",
    confirm: "Confirm",
    decline: "Decline",
    offered: "Confirm to play. The match starts when all players have confirmed.",
    joining: "Joining the match…",
    confirmed: "Confirmed. Waiting for the other players…",
  },

  partyStart: {
    title: "Party",
    lead: "Queue with friends and play on the same team.",
    createTitle: "Create a party",
    createHint: "You become the leader and get a code to share with your friends.",
    create: "Create party",
    joinTitle: "Join a party",
    code: "Party code",
    codeExample: "ABCD2345",
    codeInvalid: (length: number): string => `Invalid code. A party code has ${length} letters and digits.`,
    join: "Join party",
  },

  party: {
    title: "Party",
    leaveLabel: "Leave",
    leave: "Leave party",
    creating: "Creating a party…",
    joining: "Joining the party…",
    notFound: "Party not found, or it is full. Check the code.",
    reconnecting: "Connection lost. Reconnecting…",
    rejoining: "Connection lost. Rejoining your party…",
    rejoinFailed: "The connection to your party was lost. Join the party again by its code, or create a new one.",
    /** By the `how` of the room's message `queueEnded`. */
    queueEnded: {
      declined: (): string => "The match was declined. Your party left the queue.",
      expired: (names: string): string =>
        `${names || "A party member"} did not confirm in time. Your party left the queue.`,
      replaced: (): string => "A party member joined the queue elsewhere. Your party left the queue.",
      cancelled: (names: string): string =>
        `Your party left the queue, because ${names || "a member"} left or cancelled the search.`,
    },
    searchEnded: "Your party left the queue: a member left, or the leader cancelled the search.",
    returned: "A player did not confirm. Your party is back in the queue and keeps its waiting time.",
    code: "Party code",
    copyCode: "Copy code",
    copyLink: "Copy link",
    copied: "Copied ✓",
    members: "Members",
    freeSlots: (count: number): string => (count === 1 ? "1 free slot" : `${count} free slots`),
    leader: "★ leader",
    disconnected: "⚠ disconnected",
    confirmed: "✓ confirmed",
    unconfirmed: "… not confirmed",
    ready: "✓ ready",
    notReady: "not ready",
    makeLeader: "Make leader",
    makeLeaderOf: (name: string): string => `Make ${name} the leader`,
    kick: "Kick",
    kickMember: (name: string): string => `Kick ${name}`,
    searching: (mode: string): string => `Looking for a ${mode.toLowerCase()} match for your party.`,
    waitingForLeader: "Waiting for the leader to start the search.",
    setReady: "Select Ready when you want to play.",
    chooseMode: "Choose a mode to start the search.",
    membersNotReady: (names: readonly string[]): string => `Not ready yet: ${names.join(", ")}.`,
    cancelSearch: "Cancel search",
    readyButton: "Ready",
    notReadyButton: "Not ready",
    findMatch: "Find a match",
    tooLarge: "Party too large",
    invite: "Invite",
    inviteLabel: "Invite a player",
    invitePlaceholder: "link to their profile",
    inviteInvalid: "Player not recognised. Paste the link to the player's profile, for example from the ranking.",
    invited: "Invitation sent. The player sees the invitation only while this page is open in the player's browser.",
  },

  invitation: {
    /** Follows the name of the player who invites. */
    text: " invites you to a party.",
    join: "Join",
    dismiss: "Dismiss",
  },

  ranking: {
    title: "Ranking",
    tabs: "Mode",
    caption: (mode: string): string => `Ranking, ${mode}`,
    /** A question mark is the usual sign of a provisional rating. */
    rating: (rating: number, isProvisional: boolean): string => `${rating}${isProvisional ? "?" : ""}`,
    provisional: "A rating with a ? is provisional: the player has fewer than 30 rated matches in this mode.",
    columns: ["Rank", "Player", "Rating", "Matches", "Won", "Lost"],
    empty: "No rated match has been played in this mode yet. Be the first.",
    summary: (players: string, isListed: boolean): string =>
      `${players}. ${
        isListed
          ? "Your row is highlighted."
          : "You are not in this ranking yet. Play a rated match: a match without bots."
      }`,
  },

  profile: {
    title: "Profile",
    ownTitle: "Your profile",
    notPlayed: "You have not played a match yet. Your finished matches appear here.",
    unnamed: "Unnamed player",
    unrated: (name: string): string => `${name}: no rating in any mode yet.`,
    balance: (count: number, won: number, lost: number): string => `${matches(count)}: ${won} won, ${lost} lost`,
    provisional: "A rating with a ? is provisional: it is based on fewer than 30 rated matches.",
    empty: "No finished matches yet.",
    caption: "Matches, newest first",
    columns: ["Date", "Mode", "Role", "Result", "Kills", "Deaths", "Rating"],
    more: "Show more",
    unratedMatch: "not rated",
  },

  match: {
    title: "Match",
    caption: "Players",
    columns: ["Place", "Player", "Team", "Kills", "Deaths", "Score", "Rating"],
    /** By the match's `reason`. */
    reasons: {
      score: "The score limit was reached.",
      time: "Time ran out.",
      eliminated: "One side ran out of lives.",
      abandoned: "The match was abandoned.",
      aborted: "The server stopped the match. It does not count.",
    },
    unrated: " Not rated.",
    botName: (number: number): string => `Bot ${number}`,
    you: "you",
    left: "left",
  },

  figures: {
    unrated: "not rated",
    left: "Left",
    placeOf: (place: number, of: number): string => `Place ${place} of ${of}`,
    won: "Won",
    lost: "Lost",
    draw: "Draw",
    minutes: (time: string): string => `${time} min`,
  },

  account: {
    title: "Account",
    ownTitle: "Your account",
    ownLead: "You are signed in. Your rating and matches are saved to your account.",
    guestLead: "You are playing as a guest, in this browser only. Create an account to play on every device.",
    name: "Name",
    email: "E-mail address",
    password: "Password",
    newPassword: (minimum: number): string => `Password (at least ${minimum} characters)`,
    saveName: "Save name",
    renamed: (name: string): string => `Your name is now ${name}.`,
    profile: "Your profile",
    signOut: "Sign out",
    signedOut: "You are signed out.",
    createTitle: "Create an account",
    createHint: "You need an e-mail address and a password.",
    /** Follows `createHint` for a guest who has played. */
    guestMatchesKept: " You keep the rating and the matches that you have as a guest.",
    create: "Create account",
    created: "Account created.",
    signInTitle: "Sign in",
    signInHint: "Use this if you already have an account.",
    /** Follows `signInHint` for a guest who has played. */
    guestMatchesLost:
      " The rating and the matches that you have as a guest are not transferred, and you cannot get them back.",
    signIn: "Sign in",
    welcome: (name: string | null): string => (name === null ? "Welcome back." : `Welcome back, ${name}.`),
    forgot: "Forgot your password?",
  },

  ownData: {
    title: "Devices and data",
    guestTitle: "Your guest data",
    hint: "The download contains your profile, sign-in methods, ratings and matches.",
    download: "Download my data",
    signOutEverywhere: "Sign out on all devices",
    signedOutEverywhere: "You are signed out on all devices.",
    deleteSummary: "Delete my account…",
    deleteSummaryGuest: "Delete my guest data…",
    deleteHint:
      "Your name, e-mail address, password and ranking entry are deleted immediately. You cannot undo this. Your matches stay, with a number instead of your name.",
    deleteHintGuest:
      "Your name and ranking entry are deleted immediately. You cannot undo this. Your matches stay, with a number instead of your name.",
    /** What the player types to confirm the deletion; the first letter may be upper case. */
    deleteWord: "delete",
    deleteWordLabel: (word: string): string => `Type “${word}” to confirm`,
    deleteWordTitle: (word: string): string => `Type ${word}`,
    delete: "Delete my account permanently",
    deleteGuest: "Delete my guest data permanently",
    deleted: "Your account was deleted.",
    deletedGuest: "Your guest data was deleted.",
  },

  password: {
    forgotTitle: "Forgot your password?",
    forgotLead: "We send you a link to set a new password. The link works once and expires after 30 minutes.",
    email: "E-mail address of your account",
    sendLink: "Send link",
    linkSent: "If this address has an account, an e-mail is on its way. Check your spam folder, too.",
    resetTitle: "Set a new password",
    resetLead: "You will be signed out on all devices. Then sign in with the new password.",
    newPassword: (minimum: number): string => `New password (at least ${minimum} characters)`,
    setPassword: "Set password",
    changed: "Password changed. Sign in with your new password.",
    newLink: "Request a new link",
    back: "Back to sign-in",
  },

  /** Why the server refused to let the player join, by the names in `schema/codes.ts` and `schema/queueCodes.ts`. */
  refusals: {
    TOKEN_MISSING: "You are not signed in. Sign in and try again.",
    TOKEN_INVALID: "Your sign-in is no longer valid. Sign in again.",
    TOKEN_EXPIRED: "Sign-in expired. Sign in again.",
    TOKEN_REVOKED: "You were signed out. Sign in again to play with your account.",
    MODE_UNKNOWN: "This server does not offer this mode. Choose another mode.",
    RULES_TOO_OLD: "This page is older than the server. Reload the page.",
    RULES_TOO_NEW:
      "This page is newer than the server. The server might be about to update: reload the page in a minute.",
    ALREADY_SEATED:
      "You are still in a match of another mode. Choose that mode to return to it, or leave it there first. If you only lost the connection, your place there is kept for 20 seconds.",
    MATCH_ENDED: "This match has ended. Try again.",
    MATCH_FULL: "This match is full. Try again.",
    IDENTITY_UNAVAILABLE: "Sign-in service unavailable. Try again in a minute.",
    SERVER_BUSY: "The server is at capacity. Try again in a moment.",
    TOO_MANY_REQUESTS: "Too many attempts. Wait a minute, then try again.",
    TOO_MANY_ROOMS: "You have too many open rooms. Leave a room, or try again in a moment.",
    TOO_MANY_SEATS: "You have a seat in too many matches. Leave a match, or try again in a moment.",
    TOO_MANY_PARTIES: "You are still in a party. Leave it, or try again in a moment.",
    ALREADY_QUEUED:
      "You are already in the queue: in another tab, with a party, or in another app. Leave the queue there first.",
    CONFIRM_LATE: "The time to confirm the match has expired.",
    QUEUE_UNAVAILABLE: "Queue unavailable. Try again in a moment.",
    PARTY_FULL: "This party is full. Join another party or create one.",
    PARTY_REFUSED: "The party leader kicked you. You cannot join this party again.",
    PARTY_QUEUED: "This party is in the queue. Its leader must cancel the search before you can join.",
    NOT_READY: "Not all party members are ready and connected. Wait for them and try again.",
    QUEUE_COOLDOWN:
      "You, or a member of your party, left a match before it started or did not confirm one. Wait a moment before you queue again.",
    INVITATIONS_LIMITED: "You sent too many invitations, or invited the same player again too soon. Try again later.",
  },

  /** Failures to join for other reasons than a refusal by the game. */
  failures: {
    refused: (detail: string): string => `Request refused. ${detail}`,
    refusedWithCode: (code: number, detail: string): string => `Request refused (code ${code}). ${detail}`,
    seatExpired: "The reservation for this match has expired. Wait for the next match.",
    tooManyAttempts,
    overloaded: "The server is at capacity or restarting. Try again in a minute.",
    unreachable: "The server cannot be reached. Check your connection and try again.",
  },

  /** Why the server closed a connection, by the names in `schema/codes.ts` and `schema/queueCodes.ts`. */
  closed: {
    SERVER_SHUTDOWN: "The server is shutting down. Try again in a minute.",
    WITH_ERROR: invalidRequest,
    FAILED_TO_RECONNECT: reconnectFailed,
    CUT_OFF: reconnectFailed,
    MESSAGE_TOO_BIG: invalidRequest,
    MESSAGE_INVALID: invalidRequest,
    JOIN_TIMEOUT: "Joining took too long. Try again.",
    MATCH_ABANDONED: "All players left. The match was closed.",
    OPPONENT_LEFT:
      "A player left before the match started, so it was cancelled. You keep your place at the front of the queue for a minute.",
    REPLACED: "You joined this match in another tab or window, or on another device. It continues there.",
    KICKED: "An operator removed you from the server.",
    MATCH_ABORTED: "The match was stopped by a server error. It does not count.",
    MATCH_UNCONFIRMED: "A player did not confirm. The match was cancelled.",
    QUEUE_EXPIRED: "You did not confirm the match in time and were removed from the queue.",
    QUEUE_REPLACED: "You joined the queue in another tab. This tab left the queue.",
    PARTY_KICKED: "The party leader kicked you from the party.",
  },
  closedWithCode: (code: number, reason: string): string =>
    `The server closed the connection (code ${code}). ${reason}`.trim(),

  /** What the REST API and sign-in refuse, by the `code` of their problem details. */
  problems: {
    INPUT_INVALID: "Invalid input.",
    CREDENTIALS_WRONG: "Wrong e-mail address or password. Check both and try again.",
    RESET_INVALID: "This link was already used or has expired. Request a new link.",
    MAIL_NOT_CONFIGURED: "This server cannot send e-mail. Ask its operator to reset your password.",
    EMAIL_TAKEN: "An account with this e-mail address already exists. Sign in instead.",
    NAME_REFUSED:
      "Invalid name. Use 2 to 24 letters, digits or emoji, with single spaces or . _ ' - between them. An emoji counts as 2.",
    NAME_TAKEN: "This name is taken by another account, or looks like the name of one. Choose another name.",
    PLAYER_UNKNOWN: "Player not found.",
    MATCH_UNKNOWN: "Match not found, or it has not ended yet.",
    TOO_MANY_REQUESTS: tooManyAttempts,
    UNAVAILABLE: "Service unavailable. Try again in a minute.",
    IDENTITY_UNAVAILABLE: "Sign-in service unavailable. Try again in a minute.",
    RANKINGS_UNAVAILABLE: "The ranking is being rebuilt. Try again in a moment.",
    TOKEN_MISSING: "You are not signed in. Sign in and try again.",
    TOKEN_INVALID: "Your sign-in is no longer valid. Sign in again.",
    TOKEN_EXPIRED: "Sign-in expired. Sign in again.",
    TOKEN_REVOKED: "You were signed out. Sign in again.",
  },
  /** A problem and, from the server, what exactly is wrong. */
  explained: (problem: string, detail: string): string => `${problem} (${detail})`,
  banned: (until: string): string => `You are banned until ${until}.`,
};
