package rediskv

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// commandsNeeded are those of the scripts, and those that are sent without one.
// The package comment lists them too, with those that run scripts.
func commandsNeeded() []any {
	return []any{
		"time", "get", "set", "mget", "hmget", "hget", "hset", "hdel", "exists", "type",
		"zadd", "zrem", "zrange", "zrangebylex", "zrevrangebylex", "del", "unlink",
	}
}

// selecting is the right to use another database than 0. The client asks for it on
// each new connection.
const selecting = "+select"

// lackingRights tries all that the store does, and gives the rights that the user
// lacks, as ACL SETUSER takes them. What stands behind a right that lacks cannot
// be tried: commands, where no script may be run.
func (s *Store) lackingRights(ctx context.Context) ([]string, error) {
	var ways, commands []string
	for _, way := range [][]any{s.scripts.rights.known, s.scripts.rights.whole} {
		reply, err := s.eval(ctx, way, commandsNeeded(), true)
		switch {
		case redis.HasErrorPrefix(err, "NOSCRIPT"):
			continue
		case refusedWith(err, "NOPERM"):
			if right := s.rightIn(err); !slices.Contains(ways, right) {
				ways = append(ways, right)
			}
			continue
		case err != nil:
			return nil, err
		}
		refused, err := list(reply, -1)
		if err != nil {
			return nil, err
		}
		commands = nil
		for _, command := range refused {
			commands = append(commands, "+"+text(command))
		}
	}
	return append(ways, commands...), nil
}

// rightIn is the right that an answer says is lacking: to run the command that it
// names, else to use the store's keys.
func (s *Store) rightIn(err error) string {
	var refused redis.Error
	if errors.As(err, &refused) {
		if command := commandIn(refused.Error()); command != "" {
			return "+" + command
		}
	}
	return s.ownKeys()
}

// commandIn is the command that an answer says may not be run; "": it names none.
func commandIn(answer string) string {
	_, rest, _ := strings.Cut(answer, " to run the '")
	command, _, ok := strings.Cut(rest, "'")
	if !ok || strings.Trim(command, "abcdefghijklmnopqrstuvwxyz|") != "" {
		return ""
	}
	return command
}

// ownKeys is the right to use the store's keys.
func (s *Store) ownKeys() string { return "~" + s.keys.lead + "*" }

// granting is the command that gives the user all that the store needs, as
// redis-cli takes it.
func (s *Store) granting() string {
	line, _ := lineOf(s.client)
	user := line.user
	if user == "" {
		user = "<user>"
	}
	rules := []string{"ACL SETUSER", user, s.ownKeys(), "+evalsha", "+eval"}
	for _, command := range commandsNeeded() {
		rules = append(rules, "+"+command.(string))
	}
	if line.database > 0 {
		rules = append(rules, selecting)
	}
	return strings.Join(rules, " ")
}
