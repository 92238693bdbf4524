/**
 * Lua scripts: the steps on Redis that must be atomic. All keys of an index share one hash slot.
 *
 * `state` is a hash with these fields: `generation`, the database and which players are listed; `build`, an id that differs after
 * every rebuild; `watermark`, the transaction id before which all changes are contained; for each board `n:BOARD`, its number of
 * ranked players; and `u:TOKEN` during an update.
 *
 * Each board has two keys. `order` is a sorted set of the ranked players by rating. If its size differs from `n:BOARD`, entries
 * were lost: the index is damaged and must not be read. `rows` is a hash by player id of
 * `revision|listed|games|wins|losses|provisional`. Unlisted players stay in it, so that an older change cannot list them again.
 */
/**
 * Marks the index as damaged, so that it is not read. Does not delete the fields `n:BOARD`, by which the next rebuild finds the
 * boards to delete.
 */
const MARK_DAMAGED = `redis.call('HDEL', KEYS[1], 'generation', 'build', 'watermark')`;

/**
 * KEYS state, order, rows. ARGV generation, board. Start of every read: sets `state` and `total`, or returns nil if the index
 * must not be read.
 */
const OPEN = `
local state = redis.call('HMGET', KEYS[1], 'generation', 'watermark', 'n:' .. ARGV[2])
if state[1] ~= ARGV[1] then return nil end
if not state[3] then return { state[2], 0, 0, {}, {} } end
local total = redis.call('ZCARD', KEYS[2])
if total ~= tonumber(state[3]) then ${MARK_DAMAGED} return nil end
`;

/** Returns `count` entries, starting at position `first`. */
const PAGE = `
local entries = {}
if count > 0 then entries = redis.call('ZREVRANGE', KEYS[2], first, first + count - 1, 'WITHSCORES') end
local ids = {}
for i = 1, #entries, 2 do ids[#ids + 1] = entries[i] end
local rows = {}
if #ids > 0 then rows = redis.call('HMGET', KEYS[3], unpack(ids)) end
for i = 1, #ids do
  if not rows[i] then ${MARK_DAMAGED} return nil end
end
return { state[2], total, first, entries, rows }
`;

/** ARGV generation, board, offset, limit. */
export const PAGE_SCRIPT = `${OPEN} local first = tonumber(ARGV[3]) local count = tonumber(ARGV[4]) ${PAGE}`;

/** ARGV generation, board, player, radius. Returns only watermark and total if the player is not on the board. */
export const AROUND_SCRIPT = `${OPEN}
local position = redis.call('ZREVRANK', KEYS[2], ARGV[3])
if not position then return { state[2], total } end
local first = math.max(0, position - tonumber(ARGV[4]))
local count = position + tonumber(ARGV[4]) - first + 1
${PAGE}`;

/**
 * Writes the rows in ARGV, starting at index `from`, to KEYS[2] and KEYS[3]. Five values per row: player, rating, revision,
 * listed, the rest.
 */
const PUT = `
for i = from, #ARGV, 5 do
  local old = redis.call('HGET', KEYS[3], ARGV[i])
  if not old or tonumber(string.match(old, '^%d+')) < tonumber(ARGV[i + 2]) then
    redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 2] .. '|' .. ARGV[i + 3] .. '|' .. ARGV[i + 4])
    if ARGV[i + 3] == '1' then redis.call('ZADD', KEYS[2], ARGV[i + 1], ARGV[i])
    else redis.call('ZREM', KEYS[2], ARGV[i]) end
  end
end
`;

/**
 * KEYS state, order, rows. ARGV build, board, token of the update, "first" for its first script, rows. Returns 0 if the index has been
 * rebuilt or is damaged, or if Redis went back to older data since the first script, which leaves the token in the state.
 */
export const APPLY_SCRIPT = `
local state = redis.call('HMGET', KEYS[1], 'build', 'n:' .. ARGV[2])
if state[1] ~= ARGV[1] then return 0 end
if not state[2] then redis.call('UNLINK', KEYS[2], KEYS[3])
elseif redis.call('ZCARD', KEYS[2]) ~= tonumber(state[2]) then ${MARK_DAMAGED} return 0 end
if ARGV[4] == 'first' then redis.call('HSET', KEYS[1], 'u:' .. ARGV[3], '')
elseif redis.call('HEXISTS', KEYS[1], 'u:' .. ARGV[3]) == 0 then return 0 end
local from = 5
${PUT}
redis.call('HSET', KEYS[1], 'n:' .. ARGV[2], redis.call('ZCARD', KEYS[2]))
return 1`;

/** Compares whole numbers as text: Lua's numbers cannot hold 64-bit transaction ids. */
const GREATER = `
local function greater(a, b) if #a ~= #b then return #a > #b end return a > b end
`;

/**
 * KEYS state. ARGV build, watermark, the watermark after which the changes were read, token of the update, empty if it had no rows.
 * Returns 0 if the index has been rebuilt, or if Redis went back to older data: those changes would be missing.
 */
export const WATERMARK_SCRIPT = `${GREATER}
local state = redis.call('HMGET', KEYS[1], 'build', 'watermark')
if state[1] ~= ARGV[1] or greater(ARGV[3], state[2]) then return 0 end
if ARGV[4] ~= '' and redis.call('HDEL', KEYS[1], 'u:' .. ARGV[4]) == 0 then return 0 end
if greater(ARGV[2], state[2]) then redis.call('HSET', KEYS[1], 'watermark', ARGV[2]) end
return 1`;

/** KEYS lock, order, rows. ARGV build, milliseconds to live, rows. Returns the board's size, or -1 if the build is lost. */
export const ADD_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local from = 3
${PUT}
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[3], ARGV[2])
return redis.call('ZCARD', KEYS[2])`;

/** KEYS lock, then the keys of every board of the build. ARGV build, milliseconds to live. */
export const RENEW_SCRIPT = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end`;

/** KEYS state. ARGV build. */
export const DISCARD_SCRIPT = `if redis.call('HGET', KEYS[1], 'build') == ARGV[1] then ${MARK_DAMAGED} end`;

/**
 * KEYS state, lock. ARGV build, generation, watermark, prefix of the boards in use, prefix of the built boards, then for each
 * board its name and number of ranked players. Returns -1 if the build is lost, and 0 if the index in use has a greater
 * watermark.
 */
export const FINISH_SCRIPT = `${GREATER}
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return -1 end
for i = 6, #ARGV, 2 do
  if redis.call('ZCARD', ARGV[5] .. ARGV[i] .. ':order') ~= tonumber(ARGV[i + 1]) then return -1 end
end
local state = redis.call('HMGET', KEYS[1], 'generation', 'watermark')
if state[1] == ARGV[2] and greater(state[2], ARGV[3]) then return 0 end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 2) == 'n:' then
    local board = ARGV[4] .. string.sub(field, 3)
    redis.call('UNLINK', board .. ':order', board .. ':rows')
  end
end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'generation', ARGV[2], 'build', ARGV[1], 'watermark', ARGV[3])
for i = 6, #ARGV, 2 do
  for _, part in ipairs({ ':order', ':rows' }) do
    local built = ARGV[5] .. ARGV[i] .. part
    if redis.call('EXISTS', built) == 1 then
      redis.call('PERSIST', built)
      redis.call('RENAME', built, ARGV[4] .. ARGV[i] .. part)
    end
  end
  redis.call('HSET', KEYS[1], 'n:' .. ARGV[i], ARGV[i + 1])
end
return 1`;

/** KEYS state of the former index. ARGV its prefix, milliseconds to live. Does nothing if the index expires already. */
export const EXPIRE_FORMER_SCRIPT = `
if redis.call('PTTL', KEYS[1]) ~= -1 then return end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if string.sub(field, 1, 2) == 'n:' then
    local board = ARGV[1] .. string.sub(field, 3)
    redis.call('PEXPIRE', board .. ':order', ARGV[2])
    redis.call('PEXPIRE', board .. ':rows', ARGV[2])
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** KEYS lock. ARGV build. */
export const UNLOCK_SCRIPT = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;
