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
 *   and `waits` (hashes by `poolName`), `lease:MODE` (hash), `recent:PLAYER` (list), `seq` (the latest sequence number of news),
 *   `ended:ENTRY` (text: how the entry ended, then its players with a ticket, comma-separated).
 */
import { CONFIRM_MS, ENDED_MS, TICKET_SEAT_MS } from "./Pool.ts";

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
local function wait(id, e)
  local pool = poolOf(e)
  redis.call('ZADD', P .. 'waiting:' .. pool, get('entered', id), id)
  redis.call('SADD', P .. 'pools:' .. e.mode .. '|' .. e.rulesVersion, pool)
  redis.call('HINCRBY', P .. 'sizes', pool, #e.players)
end
local function unwait(id, e)
  local pool = poolOf(e)
  if redis.call('ZREM', P .. 'waiting:' .. pool, id) == 0 then return end
  if redis.call('HINCRBY', P .. 'sizes', pool, -#e.players) <= 0 then
    drop('sizes', pool)
    redis.call('SREM', P .. 'pools:' .. e.mode .. '|' .. e.rulesVersion, pool)
  end
end
local function notify(id, news)
  local holder = get('holderOf', id)
  if isTicket(holder) or not redis.call('ZSCORE', P .. 'holders', holder) then return end
  local seq = text(redis.call('INCR', P .. 'seq'))
  redis.call('ZADD', P .. 'news:' .. holder, seq, '{"seq":' .. seq .. ',"entryId":"' .. id .. '",' .. news .. '}')
end
local function forget(id, e, how)
  unwait(id, e)
  local holder = get('holderOf', id)
  for _, player in ipairs(e.players) do
    if get('players', player.playerId) == id then drop('players', player.playerId) end
  end
  redis.call('SREM', P .. 'held:' .. holder, id)
  if isTicket(holder) then redis.call('ZREM', P .. 'holders', holder) end
  local readers = {}
  for _, player in ipairs(e.players) do if player.via == 'ticket' then readers[#readers + 1] = player.playerId end end
  redis.call('SET', P .. 'ended:' .. id, how .. '|' .. table.concat(readers, ','), 'PX', ${ENDED_MS})
  for _, hash in ipairs({ 'entries', 'entered', 'holderOf', 'recents', 'claims' }) do drop(hash, id) end
end
local function isConfirmed(foundId, player) return redis.call('SISMEMBER', P .. 'confirmed:' .. foundId, player) == 1 end
local function confirmMs(player) return player.via == 'ticket' and ${TICKET_SEAT_MS} or ${CONFIRM_MS} end
local function notifyFound(id, e, foundId)
  local time = ${TICKET_SEAT_MS}
  for _, player in ipairs(e.players) do time = math.min(time, confirmMs(player)) end
  local confirmBy = text(tonumber(get('seatedAt', foundId)) + time)
  notify(id, '"kind":"found","foundId":"' .. foundId .. '","match":' .. get('matches', foundId) .. ',"confirmBy":' .. confirmBy)
end
local function clear(foundId)
  redis.call('ZREM', P .. 'due:' .. get('modes', foundId), foundId)
  for _, hash in ipairs({ 'found', 'modes', 'claimedAt', 'matches', 'seatedAt' }) do drop(hash, foundId) end
  redis.call('DEL', P .. 'confirmed:' .. foundId)
end
-- removedIds: a table whose keys are the ids of the entries that do not wait again.
local function dissolve(foundId, removedIds, why)
  local result = { foundId, get('matches', foundId) or '', why, '' }
  local missing = {}
  for _, id in ipairs(list(get('found', foundId))) do
    local e = read(id)
    drop('claims', id)
    if removedIds[id] then
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
    else
      wait(id, e)
      notify(id, '"kind":"returned"')
    end
  end
  clear(foundId)
  result[4] = table.concat(missing, ',')
  return result
end
`;
