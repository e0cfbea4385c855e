package rediskv

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"
)

// Every script is given keys.fixed as KEYS. Rows are found by what the indexes
// say, so their names cannot be told beforehand; they have the same hash tag.

// rowsLua reads rows by their IDs. A row is the values of its fields, false for
// a field that is not there, and the ID at which it was found. Rows that have
// gone are left out.
//
//	ARGV[1]  how the keys of rows begin
const rowsLua = `
local function rows(ids)
  local found = {}
  for _, id in ipairs(ids) do
    local key = ARGV[1] .. id
    if redis.call('EXISTS', key) == 1 then
      local row = redis.call('HMGET', key, FIELDS)
      row[#row + 1] = id
      found[#found + 1] = row
    end
  end
  return found
end
`

// lookLua finds rows by each key of a token, in the order of oauth.Keys. An
// index has members HASH:NUMBER:ID, the hash of 64 characters and the number
// of 10, so those of one hash stand together.
//
//	ARGV[2]     an ID, or ''
//	ARGV[3..6]  hashes to look up in KEYS[3..6], or ''
const lookLua = rowsLua + `
local function look()
  local found = {rows(ARGV[2] ~= '' and {ARGV[2]} or {})}
  for k = 3, 6 do
    local ids = {}
    if ARGV[k] ~= '' then
      for i, member in ipairs(redis.call('ZRANGEBYLEX', KEYS[k], '[' .. ARGV[k] .. ':', '(' .. ARGV[k] .. ';')) do
        ids[i] = string.sub(member, 77)
      end
    end
    found[k - 1] = rows(ids)
  end
  return found
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
//	ARGV[7]     the stamp of the look
//	ARGV[8]     the highest number as it was, or ''
//	ARGV[9...]  commands: how many words, and the words
const changeLua = guardLua + `
if stamp(look()) ~= ARGV[7] or (ARGV[8] ~= '' and highest() ~= ARGV[8]) then return 0 end
local function each(run)
  local at = 9
  while at <= #ARGV do
    local words = tonumber(ARGV[at])
    run(at + 1, at + words)
    at = at + words + 1
  end
end
local types = {H = 'hash', Z = 'zset'}
local wrong = false
each(function(first)
  local want, is = types[string.sub(ARGV[first], 1, 1)], redis.call('TYPE', ARGV[first + 1]).ok
  if want and is ~= want and is ~= 'none' then wrong = true end
end)
if wrong then return redis.error_reply('WRONGTYPE a key that is to be written') end
each(function(first, last) redis.call(unpack(ARGV, first, last)) end)
return 1
`

// pageLua is a part of the list: the last member of the order that it covers,
// or false at the end, and the rows.
//
//	ARGV[2]  where it begins, as ZRANGEBYLEX wants it
//	ARGV[3]  how many members it covers at most
const pageLua = rowsLua + `
local members = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[2], '+', 'LIMIT', 0, ARGV[3])
local ids = {}
for i, member in ipairs(members) do ids[i] = string.sub(member, 12) end
return {members[#members] or false, rows(ids)}
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

// script is a Lua script for a store's keys.
type script struct {
	sha   string // by which the server knows it once it has run there
	known []any  // how a command that runs it begins if the server knows it
	whole []any  // and if not
}

func newScript(text string, k keys) script {
	text = strings.ReplaceAll(text, "FIELDS", "'"+strings.Join(fields(), "', '")+"'")
	sum := sha1.Sum([]byte(text))
	sha := hex.EncodeToString(sum[:])
	sc := script{sha: sha, known: []any{"evalsha", sha, len(k.fixed)}, whole: []any{"eval", text, len(k.fixed)}}
	for _, key := range k.fixed {
		sc.known, sc.whole = append(sc.known, key), append(sc.whole, key)
	}
	return sc
}

type scripts struct{ find, snapshot, change, page, clear script }

func newScripts(k keys) scripts {
	return scripts{
		find: newScript(findLua, k), snapshot: newScript(snapshotLua, k), change: newScript(changeLua, k),
		page: newScript(pageLua, k), clear: newScript(clearLua, k),
	}
}
