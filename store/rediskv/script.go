package rediskv

import (
	"crypto/sha1" // #nosec G505 -- Redis names scripts by SHA-1; nothing is protected by it
	"encoding/hex"
	"strings"

	"zohocrm/oauth"
)

// Rows are found by what the indexes say, so the names of their keys cannot be
// told to a script beforehand; they have the hash tag of those that can.

// rowLua reads a row by its ID: the values of its fields, false for a field that
// is not there, and the ID at which it was found; nil if there is no row.
//
//	ARGV[1]  how the keys of rows begin
const rowLua = `
local function row(id)
  local key = ARGV[1] .. id
  local values = redis.call('HMGET', key, FIELDS)
  if not values[1] and redis.call('EXISTS', key) == 0 then return nil end
  values[#values + 1] = id
  return values
end
`

// oneLua is the rows that one index leads to. An index has members
// HASH:NUMBER:ID, the hash of 64 characters and the number of 10, so those of
// one hash stand together.
//
//	KEYS[1]  the index
//	ARGV[2]  the hash
const oneLua = rowLua + `
local rows = {}
for _, member in ipairs(redis.call('ZRANGEBYLEX', KEYS[1], '[' .. ARGV[2] .. ':', '(' .. ARGV[2] .. ';')) do
  rows[#rows + 1] = row(string.sub(member, 77))
end
return rows
`

// lookLua finds rows by each key of some tokens, in the order of oauth.Keys. It
// gives hits, the number of a token, the number of a key and the IDs that it
// leads to; and each of the rows once. Keys that lead nowhere are left out.
//
//	KEYS        keys.fixed
//	ARGV[2]     how many tokens
//	ARGV[3...]  for each token an ID, or '', and hashes to look up in KEYS[3..6], or ''
const lookLua = rowLua + `
local after = 3 + 5 * tonumber(ARGV[2])
local function look()
  local hits, rows, there = {}, {}, {}
  local function hit(token, key, ids)
    local h = {token, key}
    for _, id in ipairs(ids) do
      if there[id] == nil then
        local found = row(id)
        there[id] = found ~= nil
        rows[#rows + 1] = found
      end
      if there[id] then h[#h + 1] = id end
    end
    if #h > 2 then hits[#hits + 1] = h end
  end
  for at = 3, after - 1, 5 do
    local token = (at - 3) / 5
    if ARGV[at] ~= '' then hit(token, 0, {ARGV[at]}) end
    for key = 1, 4 do
      local hash = ARGV[at + key]
      if hash ~= '' then
        local ids = redis.call('ZRANGEBYLEX', KEYS[key + 2], '[' .. hash .. ':', '(' .. hash .. ';')
        for i, member in ipairs(ids) do ids[i] = string.sub(member, 77) end
        hit(token, key, ids)
      end
    end
  end
  return {hits, rows}
end
`

// findLua is a look.
const findLua = lookLua + `return look()`

// highestLua is the greatest number ever given as an ID; if that was lost, the
// greatest that is there.
const highestLua = `
local function highest()
  local number = redis.call('HGET', KEYS[1], 'highest')
  if number then return number end
  local last = redis.call('ZREVRANGEBYLEX', KEYS[2], '+', '-', 'LIMIT', 0, 1)[1]
  return last and string.sub(last, 1, 10) or '0'
end
`

// guardLua makes a stamp of everything that a look found.
const guardLua = lookLua + highestLua + `
local function stamp(found) return redis.sha1hex(cmsgpack.pack(found)) end
`

// snapshotLua is a look from which a change can be planned.
const snapshotLua = guardLua + `
local found = look()
return {stamp(found), highest(), found}
`

// changeLua carries out commands if a look finds what it found before: 1. Else
// it does nothing: 0. Redis does not take back what a script did before it
// failed, so the types of all keys are checked first; and the first command of
// a Save is one that fails when memory is full.
//
//	ARGV[after]      the stamp of the look
//	ARGV[after+1]    the highest number as it must still be, or ''
//	ARGV[after+2]    a number that the highest must not be below afterwards, or ''
//	ARGV[after+3...] commands: how many words, and the words
const changeLua = guardLua + `
local number = ARGV[after + 2] ~= '' and highest()
if stamp(look()) ~= ARGV[after] or (ARGV[after + 1] ~= '' and highest() ~= ARGV[after + 1]) then return 0 end
local function each(run)
  local at = after + 3
  while at <= #ARGV do
    local words = tonumber(ARGV[at])
    run(at + 1, at + words)
    at = at + words + 1
  end
end
local types, checked = {H = 'hash', Z = 'zset'}, {}
local wrong = false
each(function(first)
  local want, key = types[string.sub(ARGV[first], 1, 1)], ARGV[first + 1]
  if want and not checked[key] then
    checked[key] = true
    local is = redis.call('TYPE', key).ok
    if is ~= want and is ~= 'none' then wrong = true end
  end
end)
if wrong then return redis.error_reply('WRONGTYPE a key that is to be written') end
each(function(first, last) redis.call(unpack(ARGV, first, last)) end)
if number then
  if tonumber(ARGV[after + 2]) > tonumber(number) then number = ARGV[after + 2] end
  redis.call('HSET', KEYS[1], 'highest', number)
end
return 1
`

// reserveLua sets numbers aside as IDs and gives the highest before them.
//
//	ARGV[1]  how many
const reserveLua = highestLua + `
local number = highest()
redis.call('HSET', KEYS[1], 'highest', string.format('%.0f', tonumber(number) + tonumber(ARGV[1])))
return number
`

// pageLua is a part of the list: the last member of the order that it covers,
// or false at the end, and the rows.
//
//	KEYS     keys.fixed
//	ARGV[2]  where it begins, as ZRANGEBYLEX wants it
//	ARGV[3]  how many members it covers at most
const pageLua = rowLua + `
local members = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], '+', 'LIMIT', 0, ARGV[3])
local rows = {}
for _, member in ipairs(members) do rows[#rows + 1] = row(string.sub(member, 12)) end
return {members[#members] or false, rows}
`

// clearLua removes everything but the highest number. It writes that one last:
// when memory is full, only what frees memory may come first.
const clearLua = highestLua + `
local number = highest()
for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  redis.call('UNLINK', ARGV[1] .. string.sub(member, 12))
end
redis.call('UNLINK', unpack(KEYS, 2))
redis.call('HSET', KEYS[1], 'highest', number)
return 1
`

// script is a Lua script for some of a store's keys.
type script struct {
	sha   string // by which the server knows it once it has run there
	known []any  // how a command that runs it begins if the server knows it
	whole []any  // and if not
}

func newScript(text string, keys ...string) script {
	text = strings.ReplaceAll(text, "FIELDS", "'"+strings.Join(fields(), "', '")+"'")
	sum := sha1.Sum([]byte(text)) // #nosec G401 -- Redis names scripts by SHA-1; nothing is protected by it
	sha := hex.EncodeToString(sum[:])
	sc := script{sha: sha, known: []any{"evalsha", sha, len(keys)}, whole: []any{"eval", text, len(keys)}}
	for _, key := range keys {
		sc.known, sc.whole = append(sc.known, key), append(sc.whole, key)
	}
	return sc
}

type scripts struct {
	one                                                           map[oauth.Key]script
	find, snapshot, change, reserve, page, clear, rights, missing script
}

func newScripts(k keys) scripts {
	all := scripts{
		one:  map[oauth.Key]script{},
		find: newScript(findLua, k.fixed...), snapshot: newScript(snapshotLua, k.fixed...), change: newScript(changeLua, k.fixed...),
		reserve: newScript(reserveLua, k.fixed[:2]...), page: newScript(pageLua, k.fixed...), clear: newScript(clearLua, k.fixed...),
		rights: newScript(rightsLua, k.probe), missing: newScript(missingLua, k.fixed[:2]...),
	}
	for _, key := range indexed() {
		all.one[key] = newScript(oneLua, k.index(key))
	}
	return all
}
