package rediskv

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"zohocrm/store/check"
)

// inspectServer reads what the server tells of itself.
func (s *Store) inspectServer(ctx context.Context) ([]check.Finding, error) {
	cmd := redis.NewStringCmd(ctx, "info")
	err := s.call(ctx, cmd)
	if refusedWith(err, "NOPERM", "ERR") {
		return []check.Finding{warning("server-unknown", "the Redis user may not ask the server about its memory, its persistence and its role, so these are not checked",
			"ACL SETUSER <user> +info +config|get")}, nil
	}
	if err != nil {
		return nil, err
	}
	info := infoOf(cmd.Val())
	var found []check.Finding
	found = append(found, inspectVersion(info)...)
	found = append(found, inspectRole(info)...)
	found = append(found, inspectMemory(info)...)
	settings, err := s.settings(ctx)
	if err != nil {
		return found, err
	}
	return append(found, inspectPersistence(info, settings)...), nil
}

// info is what INFO answers: values by name.
type info map[string]string

func infoOf(answer string) info {
	all := info{}
	for line := range strings.Lines(answer) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			all[name] = value
		}
	}
	return all
}

func (i info) number(name string) float64 {
	n, err := strconv.ParseFloat(i[name], 64)
	if err != nil {
		return 0
	}
	return n
}

// settings are those of the server's that INFO does not tell; nil: they may not
// be asked for.
func (s *Store) settings(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	for _, name := range []string{"save", "appendfsync"} {
		cmd := redis.NewMapStringStringCmd(ctx, "config", "get", name)
		err := s.call(ctx, cmd)
		if refusedWith(err, "NOPERM", "ERR") {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		all[name] = cmd.Val()[name]
	}
	return all, nil
}

func inspectVersion(i info) []check.Finding {
	major, _, _ := strings.Cut(i["redis_version"], ".")
	n, err := strconv.Atoi(major)
	if err != nil || n >= 5 {
		return nil
	}
	return []check.Finding{failure("old-server", fmt.Sprintf("the server is Redis %s", i["redis_version"]), "install Redis 5 or newer")}
}

func inspectRole(i info) []check.Finding {
	if i["role"] == "slave" {
		text := "this server is a replica: tokens can be read from it and not saved"
		if i["slave_read_only"] == "0" {
			text = "this server is a replica that can be written: what is saved to it goes at its next synchronisation"
		}
		return []check.Finding{failure("replica", text, "use the address of its primary")}
	}
	if i.number("connected_slaves") > 0 {
		return []check.Finding{note("failover", "the server has replicas, which get each write a moment later: one that takes over may lack the last tokens", "")}
	}
	return nil
}

// memoryNear is the part of maxmemory from which on it is said to be near.
const memoryNear = 0.9

func inspectMemory(i info) []check.Finding {
	var found []check.Finding
	limit, policy := i.number("maxmemory"), i["maxmemory_policy"]
	if strings.HasPrefix(policy, "allkeys-") {
		const remedy = "CONFIG SET maxmemory-policy noeviction, and the same in redis.conf"
		if limit > 0 {
			found = append(found, failure("eviction", "when its memory is full the server throws away keys that never expire, and so tokens (maxmemory-policy "+policy+")", remedy))
		} else {
			found = append(found, note("eviction", "if its memory is ever limited, the server will throw away tokens (maxmemory-policy "+policy+")", remedy))
		}
	}
	if used := i.number("used_memory"); limit > 0 && used >= memoryNear*limit {
		found = append(found, warning("memory-near", fmt.Sprintf("%.0f%% of the server's memory are used (%.1f of %.1f MiB): when it is full, no token can be saved", 100*used/limit, used/(1<<20), limit/(1<<20)),
			"raise maxmemory, or remove other data"))
	}
	return found
}

func inspectPersistence(i info, settings map[string]string) []check.Finding {
	var found []check.Finding
	if i["rdb_last_bgsave_status"] == "err" || i["aof_last_write_status"] == "err" {
		found = append(found, failure("disk", "the server's last writing to its disk failed", "look at its log and at its disk"))
	}
	appends, snapshots := i["aof_enabled"] == "1", settings["save"] != ""
	switch {
	case appends && settings == nil:
		found = append(found, note("fsync-unknown", "the server appends each write to a file; how soon that reaches the disk may not be asked for", "ACL SETUSER <user> +config|get"))
	case appends && settings["appendfsync"] == "always":
	case appends && settings["appendfsync"] == "no":
		found = append(found, warning("fsync", "after a power cut the tokens of the last half minute may be gone (appendfsync no)", "CONFIG SET appendfsync everysec or always, and the same in redis.conf"))
	case appends:
		found = append(found, note("fsync", "after a power cut the tokens of the last second may be gone (appendfsync everysec)", "CONFIG SET appendfsync always, if that is too much"))
	case settings == nil:
		found = append(found, warning("persistence-unknown", "the server appends nothing to a file (appendonly no); whether it saves snapshots may not be asked for", "CONFIG SET appendonly yes, and the same in redis.conf"))
	case snapshots:
		found = append(found, warning("snapshots-only", "when the server crashes, tokens saved since its last snapshot are gone (appendonly no)", "CONFIG SET appendonly yes, and the same in redis.conf"))
	default:
		found = append(found, failure("no-persistence", "the server keeps nothing on its disk: when it restarts, all tokens are gone (appendonly no, no snapshots)",
			"CONFIG SET appendonly yes, and the same in redis.conf"))
	}
	return found
}
