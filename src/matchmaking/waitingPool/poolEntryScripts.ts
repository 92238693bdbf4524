/** The Lua scripts of `RedisPool.ts` for entries and holders. Each runs atomically. `poolCore.ts` describes the keys. */
import { HOLDER_MS, RECENT_COUNT, RECENT_MS, TICKET_MS, WAIT_WEIGHT } from "./Pool.ts";
import { CORE } from "./poolCore.ts";

/** `entries`: the entries of the match, in the order of `ids`; false for an entry that is lost. */
export const COMPLETE = `
local function allConfirmed(foundId, entries)
  for _, e in ipairs(entries) do
    if not e then return false end
    for _, player in ipairs(e.players) do if not isConfirmed(foundId, player.playerId) then return false end end
  end
  return true
end
local function complete(foundId, ids, entries)
  local players = {}
  for _, e in ipairs(entries) do
    for _, player in ipairs(e.players) do players[#players + 1] = player.playerId end
  end
  for index, id in ipairs(ids) do
    local ownPlayers = {}
    for _, player in ipairs(entries[index].players) do ownPlayers[player.playerId] = true end
    local met = {}
    for _, other in ipairs(players) do if not ownPlayers[other] then met[#met + 1] = other end end
    for player in pairs(ownPlayers) do
      local key = P .. 'recent:' .. player
      if #met > 0 then redis.call('LPUSH', key, unpack(met)) end
      redis.call('LTRIM', key, 0, math.max(${RECENT_COUNT}, #met) - 1)
      redis.call('PEXPIRE', key, ${RECENT_MS})
    end
    local pool = poolOf(entries[index])
    local waited = tonumber(get('claimedAt', foundId)) - tonumber(get('entered', id))
    local average = tonumber(get('waits', pool)) or waited
    set('waits', pool, text(math.floor(average + ${WAIT_WEIGHT} * (waited - average) + 0.5)))
    notify(id, '"kind":"gone","how":"confirmed","missing":[]')
    forget(id, entries[index], 'confirmed')
  end
  clear(foundId)
end
`;

/**
 * ARGV: now, entry id, entry (JSON), holder, time of entering or empty. Returns 1 and the entry; or 0, the id of the conflicting
 * entry and the player id.
 */
export const ENTER_SCRIPT = `${CORE}
local id, holder = ARGV[2], ARGV[4]
local e = cjson.decode(ARGV[3])
local function isReplaceable(entry, by) return #entry.players == 1 and entry.party == cjson.null and not isTicket(by) end
if get('entries', id) and mend(id) then return { 1, full(id) } end
for _, player in ipairs(e.players) do
  local oldId = get('players', player.playerId)
  local old = oldId and mend(oldId)
  if old then
    local oldHolder = get('holderOf', oldId)
    if not (isReplaceable(old, oldHolder) and isReplaceable(e, holder)) then return { 0, oldId, player.playerId } end
    local foundId = get('claims', oldId)
    if poolOf(old) == poolOf(e) then
      if oldHolder ~= holder then
        notify(oldId, '"kind":"replaced"')
        redis.call('SREM', P .. 'held:' .. oldHolder, oldId)
        redis.call('SADD', P .. 'held:' .. holder, oldId)
        set('holderOf', oldId, holder)
      end
      if foundId and get('seatedAt', foundId) then notifyFound(oldId, old, foundId) end
      return { 1, full(oldId) }
    end
    if foundId then return { 0, oldId, player.playerId } end
    notify(oldId, '"kind":"replaced"')
    forget(oldId, old, 'cancelled')
  end
end
local recents = {}
for _, player in ipairs(e.players) do
  for _, other in ipairs(redis.call('LRANGE', P .. 'recent:' .. player.playerId, 0, -1)) do recents[#recents + 1] = other end
  set('players', player.playerId, id)
end
set('entries', id, ARGV[3])
set('entered', id, text(math.min(now, tonumber(ARGV[5]) or now)))
set('holderOf', id, holder)
set('recents', id, table.concat(recents, ','))
redis.call('SADD', P .. 'held:' .. holder, id)
redis.call('ZADD', P .. 'holders', 'NX', now + ${TICKET_MS}, holder)
wait(id, e)
return { 1, full(id) }`;

/** ARGV: now, entry id, `confirmed too` or empty. Returns how (see `Left`), then the entry and the dissolved match, if there are any. */
export const LEAVE_SCRIPT = `${CORE}
local id = ARGV[2]
local e = mend(id)
if not e then return { 'unknown' } end
local entry = full(id)
local foundId = get('claims', id)
if not foundId then
  forget(id, e, 'cancelled')
  return { 'cancelled', entry }
end
local allConfirmed = ARGV[3] == ''
for _, player in ipairs(e.players) do allConfirmed = allConfirmed and isConfirmed(foundId, player.playerId) end
if allConfirmed then return { 'kept' } end
return { 'declined', entry, dissolve(foundId, { [id] = true }, 'declined') }`;

/** ARGV: now, found id, player id. Returns how (see `Confirmed`), then the entry and the match if it was confirmed. */
export const CONFIRM_SCRIPT = `${CORE}${COMPLETE}
local foundId, playerId = ARGV[2], ARGV[3]
local ids = list(get('found', foundId) or '')
local entries, id = {}, nil
for index, one in ipairs(ids) do
  local e = member(foundId, one)
  entries[index] = e or false
  for _, player in ipairs(e and e.players or {}) do if player.playerId == playerId then id = one end end
end
local match, seatedAt = get('matches', foundId), tonumber(get('seatedAt', foundId))
if not match or not id then return { 'unknown' } end
if isConfirmed(foundId, playerId) then return { 'again' } end
-- A part of the match is lost, so the next sweep dissolves the match.
if not seatedAt then return { 'unknown' } end
for _, player in ipairs(read(id).players) do
  if player.playerId == playerId and now > seatedAt + confirmMs(player) then return { 'late' } end
end
redis.call('SADD', P .. 'confirmed:' .. foundId, playerId)
local entry = full(id)
if allConfirmed(foundId, entries) then complete(foundId, ids, entries) end
return { 'confirmed', entry, match }`;

/**
 * ARGV: now, entry id. Returns the state and the entry; if claimed also the found id; if seated also the match and the time at
 * which it was seated. For a removed entry: `ended`, then how it ended and its readers, or an empty string if the entry is
 * unknown.
 */
export const STATUS_SCRIPT = `${CORE}
local id = ARGV[2]
if not mend(id) then return { 'ended', redis.call('GET', P .. 'ended:' .. id) or '' } end
local foundId = get('claims', id)
if not foundId then return { 'waiting', full(id) } end
local match = get('matches', foundId)
if not match or not get('seatedAt', foundId) then return { 'claimed', full(id), foundId } end
return { 'seated', full(id), foundId, match, get('seatedAt', foundId) }`;

/** ARGV: now, holder, time to live in ms. */
export const REGISTER_HOLDER_SCRIPT = `${CORE} redis.call('ZADD', P .. 'holders', now + tonumber(ARGV[3]), ARGV[2])`;

/**
 * ARGV: now, holder, time to live in ms, `seq` of the latest news that the holder received. Returns nil if the holder is unknown
 * or has expired.
 */
export const HEARTBEAT_SCRIPT = `${CORE}
local expires = redis.call('ZSCORE', P .. 'holders', ARGV[2])
if not expires or tonumber(expires) <= now then return nil end
redis.call('ZADD', P .. 'holders', now + tonumber(ARGV[3]), ARGV[2])
redis.call('ZREMRANGEBYSCORE', P .. 'news:' .. ARGV[2], '-inf', ARGV[4])
return redis.call('ZRANGE', P .. 'news:' .. ARGV[2], 0, 999)`;

/** ARGV: now, holder. If the holder still holds entries, it expires now, and the next sweep removes the entries. */
export const END_HOLDER_SCRIPT = `${CORE}
if redis.call('SCARD', P .. 'held:' .. ARGV[2]) > 0 then return redis.call('ZADD', P .. 'holders', now, ARGV[2]) end
redis.call('ZREM', P .. 'holders', ARGV[2])
redis.call('DEL', P .. 'news:' .. ARGV[2])`;

/** ARGV: now, time without a heartbeat in ms. Returns the processes that have sent no heartbeat for this long. */
export const SILENT_PROCESSES_SCRIPT = `${CORE}
local silent = {}
local until_ = text(now + ${HOLDER_MS} - tonumber(ARGV[2]))
for _, holder in ipairs(redis.call('ZRANGEBYSCORE', P .. 'holders', '-inf', until_)) do
  if not isTicket(holder) then silent[#silent + 1] = holder end
end
return silent`;

/** ARGV: now, process id. Returns the dissolved matches. */
export const DISSOLVE_MATCHES_ON_SCRIPT = `${CORE}
local dissolved = {}
local matches = redis.call('HGETALL', P .. 'matches')
for i = 1, #matches, 2 do
  if cjson.decode(matches[i + 1]).processId == ARGV[2] then dissolved[#dissolved + 1] = dissolve(matches[i], {}, 'expired') end
end
return dissolved`;

/**
 * ARGV: now, holder, `seq` of the latest news that the holder received, entry ids. Returns a state of `EntryState` for each entry
 * id, or nil if there is later news. For a seated entry, the found id follows after `|`.
 */
export const RECONCILE_SCRIPT = `${CORE}
if redis.call('ZCOUNT', P .. 'news:' .. ARGV[2], '(' .. ARGV[3], '+inf') > 0 then return nil end
local states = {}
for i = 4, #ARGV do
  local id = ARGV[i]
  local e, state = mend(id), 'waiting'
  local foundId = get('claims', id)
  if not e then
    local ended = redis.call('GET', P .. 'ended:' .. id)
    state = ended and string.match(ended, '^[^|]+') or 'lost'
  elseif get('holderOf', id) ~= ARGV[2] then state = 'replaced'
  elseif foundId then state = get('seatedAt', foundId) and 'seated|' .. foundId or 'claimed' end
  states[#states + 1] = state
end
return states`;

/** ARGV: now, pool, ids of entries that wait in it. Mends these entries, and removes those that are lost. */
export const MEND_SCRIPT = `${CORE}
for i = 3, #ARGV do mend(ARGV[i], ARGV[2]) end`;

/** ARGV: now, pool, mode key. Counts the waiting players again. */
export const RECOUNT_SCRIPT = `${CORE}
local size = 0
for _, id in ipairs(redis.call('ZRANGE', P .. 'waiting:' .. ARGV[2], 0, -1)) do
  local e = read(id)
  size = size + (e and #e.players or 0)
end
if size > 0 then
  set('sizes', ARGV[2], size)
  redis.call('SADD', P .. 'pools:' .. ARGV[3], ARGV[2])
else
  drop('sizes', ARGV[2])
  redis.call('SREM', P .. 'pools:' .. ARGV[3], ARGV[2])
end`;
