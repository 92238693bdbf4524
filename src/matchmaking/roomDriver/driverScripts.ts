/**
 * The Lua scripts of `RedisDriver.ts`. Each runs atomically in Redis.
 *
 * KEYS[1] is the prefix of all keys and contains their hash tag. The keys are: `rooms` (hash by room id: the listing as JSON),
 * `places` (hash by room id: names of the sorted sets that contain the room, as JSON), `process:ID` (set: rooms of a process),
 * `band:POOL:BAND` and `name:NAME` (sorted sets: open rooms by creation time), `player:ID` (sorted set: rooms in which the player
 * has a seat, by creation time).
 */

const LEAVE = `
local P = KEYS[1]
local function leave(id)
  local places = redis.call('HGET', P .. 'places', id)
  if not places then return end
  for _, place in ipairs(cjson.decode(places)) do redis.call('ZREM', P .. place, id) end
  redis.call('HDEL', P .. 'places', id)
end
`;

/**
 * ARGV: room id, process id, listing, creation time in Unix ms, how, then the names of the sorted sets that must contain the
 * room. `how` is `insert` (writes only a new id), `update` (only a known id) or `put` (both). Returns 1 if written, otherwise 0.
 */
export const WRITE_SCRIPT = `${LEAVE}
local id = ARGV[1]
local known = redis.call('HEXISTS', P .. 'rooms', id) == 1
if (ARGV[5] == 'insert' and known) or (ARGV[5] == 'update' and not known) then return 0 end
redis.call('HSET', P .. 'rooms', id, ARGV[3])
if not known then redis.call('SADD', P .. 'process:' .. ARGV[2], id) end
local places = {}
for i = 6, #ARGV do places[#places + 1] = ARGV[i] end
-- Usually only the number of clients has changed, and the sorted sets stay the same.
local wanted = #places > 0 and cjson.encode(places)
if redis.call('HGET', P .. 'places', id) == wanted then return 1 end
leave(id)
for _, place in ipairs(places) do redis.call('ZADD', P .. place, ARGV[4], id) end
if wanted then redis.call('HSET', P .. 'places', id, wanted) end
return 1`;

/** ARGV: room id. Returns 1 if there was such a room, otherwise 0. */
export const REMOVE_SCRIPT = `${LEAVE}
local listing = redis.call('HGET', P .. 'rooms', ARGV[1])
if not listing then return 0 end
leave(ARGV[1])
redis.call('SREM', P .. 'process:' .. cjson.decode(listing).processId, ARGV[1])
return redis.call('HDEL', P .. 'rooms', ARGV[1])`;

/** ARGV: process id, maximum number of rooms to remove. Returns the number of removed rooms. */
export const CLEANUP_SCRIPT = `${LEAVE}
local ids = redis.call('SPOP', P .. 'process:' .. ARGV[1], ARGV[2])
for _, id in ipairs(ids) do leave(id) end
if #ids > 0 then redis.call('HDEL', P .. 'rooms', unpack(ids)) end
return #ids`;

/**
 * ARGV: pool, band, now in Unix ms (empty: the clock of Redis), largest distance, then for each distance from 0 upwards the wait
 * in ms after which a room accepts it. Returns the listing of the nearest open room that has waited long enough. If two are
 * equally near, the older one.
 */
export const NEAREST_SCRIPT = `
local P = KEYS[1]
local band = tonumber(ARGV[2])
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function oldest(at)
  local found = redis.call('ZRANGE', P .. 'band:' .. ARGV[1] .. ':' .. string.format('%d', at), 0, 0, 'WITHSCORES')
  return found[1], tonumber(found[2])
end
for distance = 0, tonumber(ARGV[4]) do
  local latest = now - tonumber(ARGV[5 + distance])
  local below, belowBorn = oldest(band - distance)
  if below and belowBorn > latest and distance > 0 then below = nil end
  local above, aboveBorn
  if distance > 0 then
    above, aboveBorn = oldest(band + distance)
    if above and aboveBorn > latest then above = nil end
  end
  local best = below or above
  if below and above and (aboveBorn < belowBorn or (aboveBorn == belowBorn and above < below)) then best = above end
  if best then return redis.call('HGET', P .. 'rooms', best) end
end
return nil`;

/** Returns the listings of `ids`, read in chunks because Lua's stack limits `unpack`. */
const LISTINGS = `
local listings = {}
for i = 1, #ids, 500 do
  local some = redis.call('HMGET', KEYS[1] .. 'rooms', unpack(ids, i, math.min(i + 499, #ids)))
  for _, listing in ipairs(some) do listings[#listings + 1] = listing end
end
return listings`;

/** ARGV: room name. Returns the listings of the open rooms of that name, oldest first. */
export const OPEN_SCRIPT = `
local ids = redis.call('ZRANGE', KEYS[1] .. 'name:' .. ARGV[1], 0, -1)${LISTINGS}`;

/** ARGV: process id. Returns the listings of its rooms. */
export const OF_PROCESS_SCRIPT = `
local ids = redis.call('SMEMBERS', KEYS[1] .. 'process:' .. ARGV[1])${LISTINGS}`;
