/**
 * Owns the steps on the shared room listings that must not be torn apart, in Lua. Declarations only.
 *
 * KEYS[1] is the prefix of all keys, which share its hash tag: `rooms` (hash by id: the listing as JSON), `places` (hash by id:
 * the sorted sets that an open room stands in), `process:ID` (set of the rooms of a process), `band:POOL:BAND` and `name:NAME`
 * (sorted sets of open rooms by creation).
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
 * ARGV id, process, listing, creation in ms, how: `insert` (only a new id), `update` (only a known one) or `put`, then
 * the sets that the room stands in. 1 where written.
 */
export const WRITE_SCRIPT = `${LEAVE}
local id = ARGV[1]
local known = redis.call('HEXISTS', P .. 'rooms', id) == 1
if (ARGV[5] == 'insert' and known) or (ARGV[5] == 'update' and not known) then return 0 end
redis.call('HSET', P .. 'rooms', id, ARGV[3])
if not known then redis.call('SADD', P .. 'process:' .. ARGV[2], id) end
local places = {}
for i = 6, #ARGV do places[#places + 1] = ARGV[i] end
-- Most of what changes of a room is how many it holds: it stands where it stood.
local wanted = #places > 0 and cjson.encode(places)
if redis.call('HGET', P .. 'places', id) == wanted then return 1 end
leave(id)
for _, place in ipairs(places) do redis.call('ZADD', P .. place, ARGV[4], id) end
if wanted then redis.call('HSET', P .. 'places', id, wanted) end
return 1`;

/** ARGV id. 1 where there was such a room. */
export const REMOVE_SCRIPT = `${LEAVE}
local listing = redis.call('HGET', P .. 'rooms', ARGV[1])
if not listing then return 0 end
leave(ARGV[1])
redis.call('SREM', P .. 'process:' .. cjson.decode(listing).processId, ARGV[1])
return redis.call('HDEL', P .. 'rooms', ARGV[1])`;

/** ARGV process, rooms to remove at most. Gives how many were removed. */
export const CLEANUP_SCRIPT = `${LEAVE}
local ids = redis.call('SPOP', P .. 'process:' .. ARGV[1], ARGV[2])
for _, id in ipairs(ids) do leave(id) end
if #ids > 0 then redis.call('HDEL', P .. 'rooms', unpack(ids)) end
return #ids`;

/**
 * ARGV pool, band, now in ms (empty: by the clock of Redis), largest distance, then for each distance from 0 on the wait after
 * which a room takes it. Gives the listing of the nearest open room that has waited long enough; of two as near, the older.
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

/** The listings of `ids`, in steps that Lua's stack can unpack. */
const LISTINGS = `
local listings = {}
for i = 1, #ids, 500 do
  local some = redis.call('HMGET', KEYS[1] .. 'rooms', unpack(ids, i, math.min(i + 499, #ids)))
  for _, listing in ipairs(some) do listings[#listings + 1] = listing end
end
return listings`;

/** ARGV name. Listings of the open rooms of that name, oldest first. */
export const OPEN_SCRIPT = `
local ids = redis.call('ZRANGE', KEYS[1] .. 'name:' .. ARGV[1], 0, -1)${LISTINGS}`;

/** ARGV process. Listings of its rooms. */
export const OF_PROCESS_SCRIPT = `
local ids = redis.call('SMEMBERS', KEYS[1] .. 'process:' .. ARGV[1])${LISTINGS}`;
