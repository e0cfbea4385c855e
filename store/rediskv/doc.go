// Package rediskv keeps tokens in Redis, or in a server that speaks its
// protocol and runs its Lua scripts, such as Valkey. Any number of programs on
// any number of machines may share a store.
//
// # What is stored
//
// Every key begins with the hash tag {PREFIX}, so that all of a store is in one
// slot of a Redis Cluster and one script sees all of it:
//
//	{zohocrm}:row:ID           hash: the ten columns of the official SDKs, the side data, and side_key, the
//	                           [oauth.Token.SideKey] that the side data belong to; empty values are left out
//	{zohocrm}:order            sorted set: every ID, in the order of List
//	{zohocrm}:by:user_name     sorted set: SHA-256 of the user name, and the ID; and so for
//	                           grant_token, refresh_token and access_token
//	{zohocrm}:meta             hash: highest, the greatest number ever given as an ID
//
// No name of a key and no member of a set holds a secret. The rows do, in plain
// text: who may read these keys, run MONITOR or read SLOWLOG sees tokens.
// Package store/sealed encrypts them. Nothing ever expires by itself: a time to
// live on a row would throw away its refresh token.
//
// # How it is changed
//
// Save and Delete take two round trips. The first reads, at one moment, every
// row that the given token's keys lead to. The rules of the contract,
// [oauth.Resolve], [oauth.PlanSave] and [oauth.NextID], make a plan of them in
// Go. The second is one script that writes the plan if a second look finds the
// same rows, byte for byte, and no others; else all begins again. So nothing is
// locked, and programs that change different tokens do not get in each other's
// way. SaveAll does the same for a thousand tokens at once: all of them are
// written or none. Find and Get take one round trip, List one per 200 rows.
//
// # What the server must allow
//
// Redis 5 or newer; it is tested with 7.0. An ACL user needs ~{PREFIX}:* +evalsha
// +eval +time +get +set +mget +hmget +hget +hset +hdel +exists +type +zadd +zrem
// +zrange +zrangebylex +zrevrangebylex +del +unlink; for a database other than 0
// also +select. With +info, [New] can see whether the server throws keys away when
// its memory is full, and with +config|get [Store.Inspect] sees how durable it is.
//
// # How durable it is
//
// As durable as the server. With "appendonly yes" and "appendfsync always" a
// token that was saved survives a power cut; with "everysec", the default of
// appendonly, the last second may be lost, and with snapshots alone the last
// minutes. A replica that takes over may lack the last writes. What is lost is
// at worst a login: a lost access token is renewed.
package rediskv
