/**
 * The keys of the pool in Redis, and the Lua functions that its scripts share.
 *
 * KEYS[1] is the prefix of all keys and contains their hash tag. In the names of keys, POOL is a `poolName`, and MODE is a mode
 * key: a mode and its rules version, separated by `|`. A found id identifies a match in the pool, from the claim of its entries
 * until it is confirmed or dissolved. It differs from the `matchId` in the JSON of the match, which exists only once the room
 * does.
 * - Redis hashes whose fields are entry ids: `entries` (the entry as it was given, JSON), `entered` (Unix ms), `holderOf`,
 *   `recents` (recent opponents, comma-separated), `claims` (the found id of the match that claimed the entry).
 * - Redis hashes whose fields are found ids: `found` (ids of the claimed entries, comma-separated), `modes` (mode key),
 *   `claimedAt`, `matches` (JSON), `seatedAt`. Redis sets: `confirmed:ID` (ids of the players who confirmed; ID is a found id).
 * - Sorted sets: `waiting:POOL` (entries by time of entering), `due:MODE` (matches by the time of their next check), `holders`
 *   (by expiry), `news:HOLDER` (by sequence number).
 * - Others: `players` (hash: entry id by player id), `held:HOLDER` (set of entry ids), `pools:MODE` (set of `poolName`s), `sizes`
 *   and `waits` (hashes by `poolName`), `lease:MODE` (hash; also stores where the scan of the sweep continues), `recent:PLAYER` (list),
 *   `seq` (the latest sequence number of news), `ended:ENTRY` (text: how the entry ended, then its players with a ticket,
 *   comma-separated).
 *
 * Any key or field can be missing, because an operator or Redis deleted it. `entries`, `entered` and `holderOf` cannot be derived
 * from other keys. So an entry without one of them is removed, and its holder enters it again. `mend` restores all other keys.
 */
import { CONFIRM_MS, ENDED_MS, HOLDER_MS, SEATING_MS, TICKET_MS, TICKET_SEAT_MS } from "./Pool.ts";

/** ARGV[1]: now in Unix ms; if empty, the clock of Redis. */
export const CORE = `
local P = KEYS[1]
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function text(number) return string.format('%.0f', number) end
local function get(hash, id) return redis.call('HGET', P .. hash, id) end
local function set(hash, id, value) redis.call('HSET', P .. hash, id, value) end
local function drop(hash, id) redis.call('HDEL', P .. hash, id) end
local function isTicket(holder) return string.sub(holder, 1, 7) == 'ticket:' end
local function poolOf(e) return e.mode .. '|' .. e.strategy .. '|' .. e.region .. '|' .. e.rulesVersion end
local function read(id)
  local raw = get('entries', id)
  return raw and cjson.decode(raw)
end
local function full(id) return { get('entries', id), get('entered', id), get('holderOf', id), get('recents', id) } end
local function list(csv)
  local items = {}
  for item in string.gmatch(csv, '[^,]+') do items[#items + 1] = item end
  return items
end
local function modeKeyOf(e) return e.mode .. '|' .. e.rulesVersion end
local function wait(id, e)
  local pool = poolOf(e)
  redis.call('SADD', P .. 'pools:' .. modeKeyOf(e), pool)
  if redis.call('ZADD', P .. 'waiting:' .. pool, get('entered', id), id) == 1 then
    redis.call('HINCRBY', P .. 'sizes', pool, #e.players)
  end
end
local function unwait(id, e)
  local pool = poolOf(e)
  if redis.call('ZREM', P .. 'waiting:' .. pool, id) == 0 then return end
  if redis.call('HINCRBY', P .. 'sizes', pool, -#e.players) > 0 then return end
  drop('sizes', pool)
  -- If the stored size was wrong, other entries may still wait.
  if redis.call('EXISTS', P .. 'waiting:' .. pool) == 0 then redis.call('SREM', P .. 'pools:' .. modeKeyOf(e), pool) end
end
local function notify(id, news)
  local holder = get('holderOf', id)
  if isTicket(holder) or not redis.call('ZSCORE', P .. 'holders', holder) then return end
  local seq = redis.call('INCR', P .. 'seq')
  if seq == 1 then
    -- The counter is new or was deleted. Holders ignore numbers that are not higher than those they have received. So the counter
    -- begins with the time in microseconds, which is higher than any number of an earlier counter.
    seq = now * 1000
    redis.call('SET', P .. 'seq', text(seq))
  end
  seq = text(seq)
  redis.call('ZADD', P .. 'news:' .. holder, seq, '{"seq":' .. seq .. ',"entryId":"' .. id .. '",' .. news .. '}')
end
local function removeParts(id, e)
  local holder = get('holderOf', id)
  if e then
    unwait(id, e)
    for _, player in ipairs(e.players) do
      if get('players', player.playerId) == id then drop('players', player.playerId) end
    end
  end
  if holder then
    redis.call('SREM', P .. 'held:' .. holder, id)
    if isTicket(holder) then redis.call('ZREM', P .. 'holders', holder) end
  end
  for _, hash in ipairs({ 'entries', 'entered', 'holderOf', 'recents', 'claims' }) do drop(hash, id) end
end
local function forget(id, e, how)
  local readers = {}
  for _, player in ipairs(e.players) do if player.via == 'ticket' then readers[#readers + 1] = player.playerId end end
  redis.call('SET', P .. 'ended:' .. id, how .. '|' .. table.concat(readers, ','), 'PX', ${ENDED_MS})
  removeParts(id, e)
end
local function isConfirmed(foundId, player) return redis.call('SISMEMBER', P .. 'confirmed:' .. foundId, player) == 1 end
local function confirmMs(player) return player.via == 'ticket' and ${TICKET_SEAT_MS} or ${CONFIRM_MS} end
-- Makes the next sweep dissolve the match. All its entries then wait again: without "seatedAt", no player counts as late.
local function condemn(foundId, modeKey)
  drop('seatedAt', foundId)
  redis.call('ZADD', P .. 'due:' .. modeKey, 0, foundId)
end
local function mendMatch(id, e, foundId)
  local isMember = false
  for _, member in ipairs(list(get('found', foundId) or '')) do isMember = isMember or member == id end
  if not isMember then
    drop('claims', id)
    wait(id, e)
    notify(id, '"kind":"returned"')
    return
  end
  if not get('modes', foundId) then set('modes', foundId, modeKeyOf(e)) end
  if not get('claimedAt', foundId) then set('claimedAt', foundId, text(now)) end
  local seatedAt, match = get('seatedAt', foundId), get('matches', foundId)
  if (seatedAt and not match) or (match and not seatedAt) then return condemn(foundId, modeKeyOf(e)) end
  local due = seatedAt and now or get('claimedAt', foundId) + ${SEATING_MS}
  redis.call('ZADD', P .. 'due:' .. modeKeyOf(e), 'NX', text(due), foundId)
end
-- Removes what is left of an entry. If the content of the entry is lost, only the caller can know its pool.
local function scrap(id, pool)
  local e, foundId = read(id), get('claims', id)
  local modeKey = e and modeKeyOf(e) or (foundId and get('modes', foundId))
  removeParts(id, e)
  if pool then redis.call('ZREM', P .. 'waiting:' .. pool, id) end
  if foundId and modeKey then condemn(foundId, modeKey) end
end
-- Restores what belongs to the entry, and returns the entry; nil if it is lost.
local function mend(id, pool)
  local e, holder = read(id), get('holderOf', id)
  if not e or not holder or not get('entered', id) then return scrap(id, pool) end
  for _, player in ipairs(e.players) do
    local other = get('players', player.playerId)
    -- The player has entered again while this entry could not be found.
    if other and other ~= id and get('entries', other) then return scrap(id, pool) end
    if other ~= id then set('players', player.playerId, id) end
  end
  if not get('recents', id) then set('recents', id, '') end
  redis.call('SADD', P .. 'held:' .. holder, id)
  local ttl = isTicket(holder) and ${TICKET_MS} or ${HOLDER_MS}
  redis.call('ZADD', P .. 'holders', 'NX', text(now + ttl), holder)
  local foundId = get('claims', id)
  if foundId then mendMatch(id, e, foundId) else wait(id, e) end
  return e
end
-- Returns the entry, mended; nil if it is lost or does not belong to the match.
local function member(foundId, id)
  local e = mend(id)
  return e and get('claims', id) == foundId and e or nil
end
local function notifyFound(id, e, foundId)
  local time = ${TICKET_SEAT_MS}
  for _, player in ipairs(e.players) do time = math.min(time, confirmMs(player)) end
  local confirmBy = text(tonumber(get('seatedAt', foundId)) + time)
  notify(id, '"kind":"found","foundId":"' .. foundId .. '","match":' .. get('matches', foundId) .. ',"confirmBy":' .. confirmBy)
end
local function clear(foundId)
  local modeKey = get('modes', foundId)
  if modeKey then redis.call('ZREM', P .. 'due:' .. modeKey, foundId) end
  for _, hash in ipairs({ 'found', 'modes', 'claimedAt', 'matches', 'seatedAt' }) do drop(hash, foundId) end
  redis.call('DEL', P .. 'confirmed:' .. foundId)
end
-- removedIds: a table whose keys are the ids of the entries that do not wait again.
local function dissolve(foundId, removedIds, why)
  local result = { foundId, get('matches', foundId) or '', why, '' }
  local missing = {}
  for _, id in ipairs(list(get('found', foundId) or '')) do
    local e = member(foundId, id)
    if e then drop('claims', id) end
    if e and removedIds[id] then
      result[#result + 1] = full(id)
      local own = {}
      -- Players cannot confirm if the process to which they are connected has died.
      local alive = tonumber(redis.call('ZSCORE', P .. 'holders', get('holderOf', id)) or 0) > now
      for _, player in ipairs(e.players) do
        if alive and not isConfirmed(foundId, player.playerId) then own[#own + 1] = player.playerId end
      end
      for _, playerId in ipairs(own) do missing[#missing + 1] = playerId end
      local ids = #own == 0 and '' or '"' .. table.concat(own, '","') .. '"'
      notify(id, '"kind":"gone","how":"' .. why .. '","missing":[' .. ids .. ']')
      forget(id, e, why)
    elseif e then
      wait(id, e)
      notify(id, '"kind":"returned"')
    end
  end
  clear(foundId)
  result[4] = table.concat(missing, ',')
  return result
end
`;
