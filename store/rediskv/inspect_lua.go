package rediskv

// rightsLua gives those of the commands in ARGV that the user may not run on the
// store's keys. Each is tried on a key that is there for as long as the script
// runs at most; so nothing is written by who may not delete. del comes first.
//
//	KEYS[1]  the probe key
const rightsLua = `
local key = KEYS[1]
local words = {
  hmget = {'f'}, hget = {'f'}, hset = {'f', '1'}, hdel = {'f'}, exists = {}, type = {},
  zadd = {'0', 'm'}, zrem = {'m'}, zrange = {'0', '-1'}, zrangebylex = {'-', '+'}, zrevrangebylex = {'+', '-'},
  del = {}, unlink = {},
}
local lacking = {}
for _, command in ipairs(ARGV) do
  local adds = command == 'hset' or command == 'zadd'
  local reply = not (adds and lacking[1] == 'del') and redis.pcall(command, key, unpack(words[command]))
  local text = type(reply) == 'table' and reply.err or ''
  if string.find(text, 'NOPERM') or string.find(text, 'The user executing the script') then lacking[#lacking + 1] = command end
  if adds then redis.pcall('DEL', key) end
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
