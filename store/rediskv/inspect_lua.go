package rediskv

// rightsLua gives those of the commands in ARGV that the user may not run on the
// store's keys. Each is given words with which it writes nothing: HSET fails on a
// name without its value, ZADD and SET change only what is there.
//
//	KEYS[1]  the probe key, which is not there
const rightsLua = `
local key = KEYS[1]
local words = {
  time = {}, get = {key}, mget = {key}, set = {key, '1', 'XX'},
  hmget = {key, 'f'}, hget = {key, 'f'}, hset = {key, 'f', '1', 'g'}, hdel = {key, 'f'}, exists = {key}, type = {key},
  zadd = {key, 'XX', '0', 'm'}, zrem = {key, 'm'}, zrange = {key, '0', '-1'}, zrangebylex = {key, '-', '+'}, zrevrangebylex = {key, '+', '-'},
  del = {key}, unlink = {key},
}
local lacking = {}
for _, command in ipairs(ARGV) do
  local reply = redis.pcall(command, unpack(words[command]))
  local text = type(reply) == 'table' and reply.err or ''
  if string.find(text, 'NOPERM') or string.find(text, 'The user executing the script') then lacking[#lacking + 1] = command end
end
return lacking
`

// missingLua counts IDs of the order whose rows are gone, on one page of it: the
// last member, how many there are, and the first ten.
//
//	KEYS     keys.fixed
//	ARGV[1]  how the keys of rows begin
//	ARGV[2]  where the page begins, as ZRANGEBYLEX wants it
//	ARGV[3]  how many members it covers at most
const missingLua = `
local members = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], '+', 'LIMIT', 0, ARGV[3])
local count, first = 0, {}
for _, member in ipairs(members) do
  local id = string.sub(member, 12)
  if redis.call('EXISTS', ARGV[1] .. id) == 0 then
    count = count + 1
    if #first < 10 then first[#first + 1] = id end
  end
end
return {members[#members] or false, count, first}
`
