package rediskv

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"zohocrm/oauth"
)

// reach asks the server how it treats keys when its memory is full. A server
// that does not tell is taken as it is.
func (s *Store) reach(ctx context.Context, allowEviction bool) error {
	cmd := redis.NewStringCmd(ctx, "info", "memory")
	if err := s.call(ctx, cmd); err != nil {
		var refused redis.Error
		if errors.As(err, &refused) {
			if code := codeOf(refused.Error()); code == "NOPERM" || code == "ERR" {
				return nil
			}
		}
		return err
	}
	policy := infoField(cmd.Val(), "maxmemory_policy")
	if limit := infoField(cmd.Val(), "maxmemory"); limit == "" || limit == "0" {
		return nil
	}
	if allowEviction || !strings.HasPrefix(policy, "allkeys-") {
		return nil
	}
	return fmt.Errorf("%w: redis open: the server would throw tokens away when its memory is full (maxmemory-policy %s); set noeviction or a volatile policy, or accept it by Config.AllowEviction",
		oauth.ErrStoreUnavailable, policy)
}

// infoField is a field of what INFO answers: lines of name:value.
func infoField(info, name string) string {
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+":"); ok {
			return value
		}
	}
	return ""
}
