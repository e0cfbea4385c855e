package servertest

import (
	"context"
	"fmt"
	"net"
	"syscall"

	"github.com/redis/go-redis/v9"
)

func redisProduct() product {
	return product{name: "Redis", pkg: "redis-server", programs: []string{"redis-server"}, prepare: prepareRedis}
}

func prepareRedis(_ context.Context, h host, settings []string) (launch, error) {
	conf, err := h.file("redis.conf", append([]string{
		"bind 127.0.0.1", "requirepass " + h.password, "dir " + h.dir, `save ""`,
		"appendonly yes", "appendfsync no", // written before the answer, though not synced: a killed server has it all
	}, settings...)...)
	return launch{
		argv: func(port int) ([]string, error) {
			return []string{h.programs["redis-server"], conf, "--port", fmt.Sprint(port)}, nil
		},
		url:  func(port int) string { return fmt.Sprintf("redis://:%s@127.0.0.1:%d/0", h.password, port) },
		ping: pingRedis,
		end:  syscall.SIGTERM,
		kill: syscall.SIGKILL,
	}, err
}

func pingRedis(ctx context.Context, url string) error {
	client, err := openRedis(url)
	if err != nil {
		return err
	}
	defer client.Close()
	// The client writes a line to standard error for each port that nobody
	// listens on yet.
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", client.Options().Addr)
	if err != nil {
		return err
	}
	if err := conn.Close(); err != nil {
		return err
	}
	return client.Ping(ctx).Err()
}

// openRedis is a client that reports a failure at once.
func openRedis(url string) (*redis.Client, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	options.MaxRetries, options.DialerRetries, options.ContextTimeoutEnabled = -1, 1, true
	return redis.NewClient(options), nil
}
