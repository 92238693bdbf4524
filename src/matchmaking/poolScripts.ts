/**
 * Owns the steps on the shared waiting pool that must not be torn apart, in Lua. Declarations only.
 *
 * KEYS[1] is the prefix of all keys, which share its hash tag. By entry id, hashes: `entries` (as it was given, JSON), `entered`,
 * `holderOf`, `recents` (comma-separated), `claims` (id of the match that took it). By match id, hashes: `found` (entry ids,
 * comma-separated), `modes` (MODE as below), `claimedAt`, `matches` (JSON), `seatedAt`, and a set `confirmed:ID`. Sorted sets: `waiting:POOL`
 * (entries by entering), `due:MODE` (matches by when to look at them), `holders` (by expiry), `news:HOLDER` (by number). Further
 * `players` (hash: their entry), `held:HOLDER` (set of entries), `pools:MODE` (set), `sizes` and `waits` (hashes by pool),
 * `lease:MODE` (hash; MODE is a mode and the version of its rules), `recent:PLAYER` (list), `ended:ENTRY` (text).
 */
import {
  CONFIRM_MS,
  ENDED_MS,
  HOLDER_MS,
  LEASE_MS,
  RECENT_COUNT,
  RECENT_MS,
  SEATING_MS,
  TICKET_MS,
  TICKET_SEAT_MS,
  WAIT_SHARE,
} from "./Pool.ts";

/** ARGV[1]: now in Unix ms; empty for the clock of Redis. */
const CORE = `
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
local function tell(id, news)
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
  redis.call('SET', P .. 'ended:' .. id, how, 'PX', ${ENDED_MS})
  for _, hash in ipairs({ 'entries', 'entered', 'holderOf', 'recents', 'claims' }) do drop(hash, id) end
end
local function confirmed(found, player) return redis.call('SISMEMBER', P .. 'confirmed:' .. found, player) == 1 end
local function allowed(player) return player.via == 'ticket' and ${TICKET_SEAT_MS} or ${CONFIRM_MS} end
local function tellFound(id, e, found)
  local time = ${TICKET_SEAT_MS}
  for _, player in ipairs(e.players) do time = math.min(time, allowed(player)) end
  local by = text(tonumber(get('seatedAt', found)) + time)
  tell(id, '"kind":"found","foundId":"' .. found .. '","match":' .. get('matches', found) .. ',"confirmBy":' .. by)
end
local function clear(found)
  redis.call('ZREM', P .. 'due:' .. get('modes', found), found)
  for _, hash in ipairs({ 'found', 'modes', 'claimedAt', 'matches', 'seatedAt' }) do drop(hash, found) end
  redis.call('DEL', P .. 'confirmed:' .. found)
end
local function dissolve(found, blamed, why)
  local result = { found, get('matches', found) or '', why }
  for _, id in ipairs(list(get('found', found))) do
    local e = read(id)
    drop('claims', id)
    if blamed[id] then
      result[#result + 1] = full(id)
      tell(id, '"kind":"gone","how":"' .. why .. '"')
      forget(id, e, why)
    else
      wait(id, e)
      tell(id, '"kind":"returned"')
    end
  end
  clear(found)
  return result
end
`;

/** ARGV[2], ARGV[3]: mode and token of the lease. */
const FENCE = `
if redis.call('HGET', P .. 'lease:' .. ARGV[2], 'token') ~= ARGV[3] then return redis.error_reply('FENCED') end
`;

/** ARGV now, id, entry, holder, entered or empty. Gives 1 and the entry, or 0, the other entry and the player. */
export const ENTER_SCRIPT = `${CORE}
local id, holder = ARGV[2], ARGV[4]
local e = cjson.decode(ARGV[3])
local function alone(one, by) return #one.players == 1 and one.party == cjson.null and not isTicket(by) end
for _, player in ipairs(e.players) do
  local oldId = get('players', player.playerId)
  if oldId == id then return { 1, full(id) } end
  if oldId then
    local old = read(oldId)
    local by = get('holderOf', oldId)
    if not (alone(old, by) and alone(e, holder)) then return { 0, oldId, player.playerId } end
    local found = get('claims', oldId)
    if poolOf(old) == poolOf(e) then
      if by ~= holder then
        tell(oldId, '"kind":"replaced"')
        redis.call('SREM', P .. 'held:' .. by, oldId)
        redis.call('SADD', P .. 'held:' .. holder, oldId)
        set('holderOf', oldId, holder)
      end
      if found and get('matches', found) then tellFound(oldId, old, found) end
      return { 1, full(oldId) }
    end
    if found then return { 0, oldId, player.playerId } end
    tell(oldId, '"kind":"replaced"')
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

/** ARGV now, id. */
export const LEAVE_SCRIPT = `${CORE}
local id = ARGV[2]
local e = read(id)
if not e then return { 'unknown' } end
local entry = full(id)
local found = get('claims', id)
if not found then
  forget(id, e, 'cancelled')
  return { 'cancelled', entry }
end
local all = true
for _, player in ipairs(e.players) do all = all and confirmed(found, player.playerId) end
if all then return { 'kept' } end
return { 'declined', entry, dissolve(found, { [id] = true }, 'declined') }`;

/** ARGV now, match, player. */
export const CONFIRM_SCRIPT = `${CORE}
local found, playerId = ARGV[2], ARGV[3]
local match = get('matches', found)
local id = get('players', playerId)
if not match or not id or get('claims', id) ~= found then return { 'unknown' } end
if confirmed(found, playerId) then return { 'again' } end
local seated = tonumber(get('seatedAt', found))
for _, player in ipairs(read(id).players) do
  if player.playerId == playerId and now > seated + allowed(player) then return { 'late' } end
end
redis.call('SADD', P .. 'confirmed:' .. found, playerId)
local entry = full(id)
local ids = list(get('found', found))
local entries, players = {}, {}
for at, member in ipairs(ids) do
  entries[at] = read(member)
  for _, player in ipairs(entries[at].players) do
    players[#players + 1] = player.playerId
    if not confirmed(found, player.playerId) then return { 'confirmed', entry, match } end
  end
end
for at, member in ipairs(ids) do
  local own = {}
  for _, player in ipairs(entries[at].players) do own[player.playerId] = true end
  local met = {}
  for _, other in ipairs(players) do if not own[other] then met[#met + 1] = other end end
  for player in pairs(own) do
    local key = P .. 'recent:' .. player
    if #met > 0 then redis.call('LPUSH', key, unpack(met)) end
    redis.call('LTRIM', key, 0, math.max(${RECENT_COUNT}, #met) - 1)
    redis.call('PEXPIRE', key, ${RECENT_MS})
  end
  local pool = poolOf(entries[at])
  local waited = tonumber(get('claimedAt', found)) - tonumber(get('entered', member))
  local before = tonumber(get('waits', pool)) or waited
  set('waits', pool, text(math.floor(before + ${WAIT_SHARE} * (waited - before) + 0.5)))
  tell(member, '"kind":"gone","how":"confirmed"')
  forget(member, entries[at], 'confirmed')
end
clear(found)
return { 'confirmed', entry, match }`;

/** ARGV now, id. The state, the entry, and of a claimed one the match's id, seats and the time they were had. */
export const LOOK_SCRIPT = `${CORE}
local id = ARGV[2]
if not get('entries', id) then return { 'ended', redis.call('GET', P .. 'ended:' .. id) or '' } end
local found = get('claims', id)
if not found then return { 'waiting', full(id) } end
local match = get('matches', found)
if not match then return { 'claimed', full(id), found } end
return { 'seated', full(id), found, match, get('seatedAt', found) }`;

/** ARGV now, holder, ms to live. */
export const BEGIN_SCRIPT = `${CORE} redis.call('ZADD', P .. 'holders', now + tonumber(ARGV[3]), ARGV[2])`;

/** ARGV now, holder, ms to live, number of the last news that was had. Nil where the holder is not known. */
export const BEAT_SCRIPT = `${CORE}
if not redis.call('ZSCORE', P .. 'holders', ARGV[2]) then return nil end
redis.call('ZADD', P .. 'holders', now + tonumber(ARGV[3]), ARGV[2])
redis.call('ZREMRANGEBYSCORE', P .. 'news:' .. ARGV[2], '-inf', ARGV[4])
return redis.call('ZRANGE', P .. 'news:' .. ARGV[2], 0, 999)`;

/** ARGV now, holder. What it still holds goes as if it had fallen silent. */
export const END_SCRIPT = `${CORE}
if redis.call('SCARD', P .. 'held:' .. ARGV[2]) > 0 then return redis.call('ZADD', P .. 'holders', now, ARGV[2]) end
redis.call('ZREM', P .. 'holders', ARGV[2])
redis.call('DEL', P .. 'news:' .. ARGV[2])`;

/** ARGV now, ms of silence. */
export const SILENT_SCRIPT = `${CORE}
local silent = {}
local until_ = text(now + ${HOLDER_MS} - tonumber(ARGV[2]))
for _, holder in ipairs(redis.call('ZRANGEBYSCORE', P .. 'holders', '-inf', until_)) do
  if not isTicket(holder) then silent[#silent + 1] = holder end
end
return silent`;

/** ARGV now, process. */
export const DIED_SCRIPT = `${CORE}
local dissolved = {}
local matches = redis.call('HGETALL', P .. 'matches')
for i = 1, #matches, 2 do
  if cjson.decode(matches[i + 1]).processId == ARGV[2] then dissolved[#dissolved + 1] = dissolve(matches[i], {}, 'expired') end
end
return dissolved`;

/** ARGV now, mode, owner. The token, or nil while the lease is another's. */
export const LEASE_SCRIPT = `${CORE}
local key = P .. 'lease:' .. ARGV[2]
local held = redis.call('HMGET', key, 'owner', 'token', 'until')
local live = held[3] and tonumber(held[3]) > now
if live and held[1] ~= ARGV[3] then return nil end
local token = live and held[2] or text((tonumber(held[2]) or 0) + 1)
redis.call('HSET', key, 'owner', ARGV[3], 'token', token, 'until', text(now + ${LEASE_MS}))
return token`;

/** ARGV now, mode, token. */
export const RELEASE_SCRIPT = `${CORE}
local key = P .. 'lease:' .. ARGV[2]
if redis.call('HGET', key, 'token') == ARGV[3] then redis.call('HSET', key, 'until', '0') end`;

/** ARGV now, mode, token, match, entry ids. 1 where all were taken. */
export const CLAIM_SCRIPT = `${CORE}${FENCE}
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

/** ARGV now, mode, token, match, seats (JSON). */
export const SEAT_SCRIPT = `${CORE}${FENCE}
local found = ARGV[4]
if not get('found', found) or get('matches', found) then return 0 end
set('matches', found, ARGV[5])
set('seatedAt', found, text(now))
redis.call('ZADD', P .. 'due:' .. ARGV[2], now + ${CONFIRM_MS}, found)
for _, id in ipairs(list(get('found', found))) do tellFound(id, read(id), found) end
return 1`;

/** ARGV now, mode, token, match. */
export const UNCLAIM_SCRIPT = `${CORE}${FENCE}
if get('found', ARGV[4]) then dissolve(ARGV[4], {}, 'expired') end`;

/** ARGV now, mode, token. Gives the dissolved matches and the entries whose holders fell silent: a share of them at a time. */
export const SWEEP_SCRIPT = `${CORE}${FENCE}
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
