/**
 * The Lua scripts of `RedisPool.ts` for the process that pairs a mode. Each runs atomically. Scripts with `REQUIRE_LEASE` fail if
 * another process has taken the lease. `poolCore.ts` describes the keys, and defines mode key and found id.
 */
import { CONFIRM_MS, LEASE_MS, SEATING_MS } from "./Pool.ts";
import { CORE } from "./poolCore.ts";
import { COMPLETE } from "./poolEntryScripts.ts";

/** ARGV[2], ARGV[3]: mode key and token of the lease. */
const REQUIRE_LEASE = `
if redis.call('HGET', P .. 'lease:' .. ARGV[2], 'token') ~= ARGV[3] then return redis.error_reply('LEASE_LOST') end
`;

/**
 * ARGV: now, mode key, owner. Returns the token, or nil while another owner has the lease. If the lease has expired and no other
 * process has taken it, its owner can still renew it, and keeps its token and so its claims. A new owner gets a new token.
 * Matches that an earlier owner claimed and did not seat can then never be seated, so the next sweep dissolves them.
 */
export const LEASE_SCRIPT = `${CORE}
local key = P .. 'lease:' .. ARGV[2]
local lease = redis.call('HMGET', key, 'owner', 'token', 'until')
local isOwner = lease[1] == ARGV[3]
if not isOwner and lease[3] and tonumber(lease[3]) > now then return nil end
-- Tokens must increase, even if the latest one was deleted.
local token = isOwner and lease[2] or text((tonumber(lease[2]) or now) + 1)
redis.call('HSET', key, 'owner', ARGV[3], 'token', token, 'until', text(now + ${LEASE_MS}))
if isOwner then return token end
local due = P .. 'due:' .. ARGV[2]
for _, foundId in ipairs(redis.call('ZRANGE', due, 0, -1)) do
  if not get('seatedAt', foundId) then redis.call('ZADD', due, 0, foundId) end
end
return token`;

/** ARGV: now, mode key, token. The token stays in Redis, so that the next token is higher. */
export const RELEASE_SCRIPT = `${CORE}
local key = P .. 'lease:' .. ARGV[2]
if redis.call('HGET', key, 'token') == ARGV[3] then redis.call('HDEL', key, 'owner', 'until') end`;

/** ARGV: now, mode key, token, found id, entry ids. Returns 1 if all were claimed, otherwise 0. */
export const CLAIM_SCRIPT = `${CORE}${REQUIRE_LEASE}
local foundId = ARGV[4]
for i = 5, #ARGV do
  if not mend(ARGV[i]) or get('claims', ARGV[i]) then return 0 end
end
for i = 5, #ARGV do
  unwait(ARGV[i], read(ARGV[i]))
  set('claims', ARGV[i], foundId)
end
set('found', foundId, table.concat(ARGV, ',', 5))
set('modes', foundId, ARGV[2])
set('claimedAt', foundId, text(now))
redis.call('ZADD', P .. 'due:' .. ARGV[2], now + ${SEATING_MS}, foundId)
return 1`;

/**
 * ARGV: now, mode key, token, found id, match (JSON). Returns 1 if the match was stored, or 0 if it was dissolved or has its
 * seats already.
 */
export const SEAT_SCRIPT = `${CORE}${REQUIRE_LEASE}
local foundId = ARGV[4]
local ids = list(get('found', foundId) or '')
if #ids == 0 or get('matches', foundId) then return 0 end
for _, id in ipairs(ids) do
  if not member(foundId, id) then
    condemn(foundId, ARGV[2])
    return 0
  end
end
set('matches', foundId, ARGV[5])
set('seatedAt', foundId, text(now))
redis.call('ZADD', P .. 'due:' .. ARGV[2], now + ${CONFIRM_MS}, foundId)
for _, id in ipairs(ids) do notifyFound(id, read(id), foundId) end
return 1`;

/** ARGV: now, mode key, token, found id. */
export const UNCLAIM_SCRIPT = `${CORE}${REQUIRE_LEASE}
if get('found', ARGV[4]) then dissolve(ARGV[4], {}, 'expired') end`;

/**
 * ARGV: now, mode key, token. Returns the dissolved matches and the removed entries of expired holders. Handles a limited number
 * per call, so that it does not block Redis for long.
 */
export const SWEEP_SCRIPT = `${CORE}${COMPLETE}${REQUIRE_LEASE}
local dissolved, lost = {}, {}
-- Finds matches that are missing in "due", because it was deleted: each sweep scans a part of one hash of matches.
local leaseKey = P .. 'lease:' .. ARGV[2]
local scan = redis.call('HMGET', leaseKey, 'scanned', 'cursor')
local hashes = { 'found', 'modes', 'claimedAt', 'matches', 'seatedAt' }
local at = tonumber(scan[1]) or 1
local page = redis.call('HSCAN', P .. hashes[at], scan[2] or '0', 'COUNT', 10)
for i = 1, #page[2], 2 do
  local foundId = page[2][i]
  local modeKey = get('modes', foundId)
  if not modeKey or modeKey == ARGV[2] then redis.call('ZADD', P .. 'due:' .. ARGV[2], 'NX', 0, foundId) end
  if not modeKey then set('modes', foundId, ARGV[2]) end
end
redis.call('HSET', leaseKey, 'scanned', page[1] == '0' and at % #hashes + 1 or at, 'cursor', page[1])
for _, foundId in ipairs(redis.call('ZRANGEBYSCORE', P .. 'due:' .. ARGV[2], '-inf', '(' .. text(now), 'LIMIT', 0, 50)) do
  local ids, entries = list(get('found', foundId) or ''), {}
  for index, id in ipairs(ids) do entries[index] = member(foundId, id) or false end
  local seatedAt = get('matches', foundId) and tonumber(get('seatedAt', foundId))
  local lateIds, nextCheck = {}, nil
  for index, e in ipairs(entries) do
    if not e then seatedAt = nil end
    for _, player in ipairs(e and e.players or {}) do
      if seatedAt and not isConfirmed(foundId, player.playerId) then
        local confirmBy = seatedAt + confirmMs(player)
        if now > confirmBy then lateIds[ids[index]] = true else nextCheck = math.min(nextCheck or confirmBy, confirmBy) end
      end
    end
  end
  if not seatedAt or #ids == 0 then
    dissolved[#dissolved + 1] = dissolve(foundId, {}, 'expired')
    redis.call('ZREM', P .. 'due:' .. ARGV[2], foundId)
  elseif next(lateIds) then dissolved[#dissolved + 1] = dissolve(foundId, lateIds, 'expired')
  elseif nextCheck then redis.call('ZADD', P .. 'due:' .. ARGV[2], nextCheck, foundId)
  else complete(foundId, ids, entries) end
end
for _, holder in ipairs(redis.call('ZRANGEBYSCORE', P .. 'holders', '-inf', text(now), 'LIMIT', 0, 20)) do
  local entryIds = redis.call('SMEMBERS', P .. 'held:' .. holder)
  local remaining = 0
  for index, id in ipairs(entryIds) do
    local e = index <= 500 and mend(id)
    if index > 500 or (e and get('claims', id)) then remaining = remaining + 1
    elseif e then
      lost[#lost + 1] = full(id)
      forget(id, e, 'expired')
    else redis.call('SREM', P .. 'held:' .. holder, id) end
  end
  if remaining == 0 then
    redis.call('ZREM', P .. 'holders', holder)
    redis.call('DEL', P .. 'news:' .. holder)
  end
end
return { dissolved, lost }`;
