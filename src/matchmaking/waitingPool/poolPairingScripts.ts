/**
 * The Lua scripts of `RedisPool.ts` for the process that pairs a mode. Each runs atomically. Those with `REQUIRE_LEASE` fail if
 * another process has taken the lease. `poolCore.ts` describes the keys.
 */
import { CONFIRM_MS, LEASE_MS, SEATING_MS } from "./Pool.ts";
import { CORE } from "./poolCore.ts";

/** ARGV[2], ARGV[3]: MODE and token of the lease. */
const REQUIRE_LEASE = `
if redis.call('HGET', P .. 'lease:' .. ARGV[2], 'token') ~= ARGV[3] then return redis.error_reply('LEASE_LOST') end
`;

/**
 * ARGV: now, MODE, owner. Returns the token, or nil while another owner has the lease. An owner that renews too late, but before
 * another takes the lease, keeps its token and so its claims. Claims of an earlier owner can never be seated, so they are due
 * immediately.
 */
export const LEASE_SCRIPT = `${CORE}
local key = P .. 'lease:' .. ARGV[2]
local held = redis.call('HMGET', key, 'owner', 'token', 'until')
local same = held[1] == ARGV[3]
if not same and held[3] and tonumber(held[3]) > now then return nil end
local token = same and held[2] or text((tonumber(held[2]) or 0) + 1)
redis.call('HSET', key, 'owner', ARGV[3], 'token', token, 'until', text(now + ${LEASE_MS}))
if same then return token end
local due = P .. 'due:' .. ARGV[2]
for _, found in ipairs(redis.call('ZRANGE', due, 0, -1)) do
  if not get('seatedAt', found) then redis.call('ZADD', due, 0, found) end
end
return token`;

/** ARGV: now, MODE, token. The token is kept, so that the next one is higher. */
export const RELEASE_SCRIPT = `${CORE}
local key = P .. 'lease:' .. ARGV[2]
if redis.call('HGET', key, 'token') == ARGV[3] then redis.call('HDEL', key, 'owner', 'until') end`;

/** ARGV: now, MODE, token, match id, entry ids. Returns 1 if all were claimed, otherwise 0. */
export const CLAIM_SCRIPT = `${CORE}${REQUIRE_LEASE}
local found = ARGV[4]
for i = 5, #ARGV do
  if not get('entries', ARGV[i]) or get('claims', ARGV[i]) then return 0 end
end
for i = 5, #ARGV do
  unwait(ARGV[i], read(ARGV[i]))
  set('claims', ARGV[i], found)
end
set('found', found, table.concat(ARGV, ',', 5))
set('modes', found, ARGV[2])
set('claimedAt', found, text(now))
redis.call('ZADD', P .. 'due:' .. ARGV[2], now + ${SEATING_MS}, found)
return 1`;

/**
 * ARGV: now, MODE, token, match id, match (JSON). Returns 1 if stored, or 0 if the match was dissolved or has its seats already.
 */
export const SEAT_SCRIPT = `${CORE}${REQUIRE_LEASE}
local found = ARGV[4]
if not get('found', found) or get('matches', found) then return 0 end
set('matches', found, ARGV[5])
set('seatedAt', found, text(now))
redis.call('ZADD', P .. 'due:' .. ARGV[2], now + ${CONFIRM_MS}, found)
for _, id in ipairs(list(get('found', found))) do notifyFound(id, read(id), found) end
return 1`;

/** ARGV: now, MODE, token, match id. */
export const UNCLAIM_SCRIPT = `${CORE}${REQUIRE_LEASE}
if get('found', ARGV[4]) then dissolve(ARGV[4], {}, 'expired') end`;

/**
 * ARGV: now, MODE, token. Returns the dissolved matches and the removed entries of expired holders. Handles a limited number per
 * call, so that it does not block Redis for long.
 */
export const SWEEP_SCRIPT = `${CORE}${REQUIRE_LEASE}
local dissolved, lost = {}, {}
for _, found in ipairs(redis.call('ZRANGEBYSCORE', P .. 'due:' .. ARGV[2], '-inf', '(' .. text(now), 'LIMIT', 0, 50)) do
  local seated = tonumber(get('seatedAt', found))
  local late, next_ = {}, nil
  for _, id in ipairs(list(get('found', found))) do
    for _, player in ipairs(read(id).players) do
      if seated and not confirmed(found, player.playerId) then
        local by = seated + allowed(player)
        if now > by then late[id] = true else next_ = math.min(next_ or by, by) end
      end
    end
  end
  if next(late) or not seated then dissolved[#dissolved + 1] = dissolve(found, late, 'expired')
  else redis.call('ZADD', P .. 'due:' .. ARGV[2], next_, found) end
end
for _, holder in ipairs(redis.call('ZRANGEBYSCORE', P .. 'holders', '-inf', text(now), 'LIMIT', 0, 20)) do
  local held = redis.call('SMEMBERS', P .. 'held:' .. holder)
  local rest = 0
  for at, id in ipairs(held) do
    if get('claims', id) or at > 500 then rest = rest + 1
    else
      lost[#lost + 1] = full(id)
      forget(id, read(id), 'expired')
    end
  end
  if rest == 0 then
    redis.call('ZREM', P .. 'holders', holder)
    redis.call('DEL', P .. 'news:' .. holder)
  end
end
return { dissolved, lost }`;
