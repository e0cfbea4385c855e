package servertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Shared are the servers that all tests of a run use together.
type Shared struct {
	dir     string
	servers []*Server
	env     []string
}

// StartShared starts every server that the environment does not name, all at
// once, in one temporary folder. Missing packages are installed where that is
// possible; a server that is still missing then is an error with CI=true, and
// else left out. log is told about both. Close what it returns.
func StartShared(ctx context.Context, log io.Writer) (*Shared, error) {
	dir, err := folder()
	if err != nil {
		return nil, err
	}
	s := &Shared{dir: dir}
	have, err := present(ctx, s.wanted(), log)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.start(ctx, have); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// entry is a product and the variable that names its server.
type entry struct {
	product
	env string
}

// wanted are the servers that nobody has named yet. PgBouncer comes last.
func (s *Shared) wanted() []entry {
	var all []entry
	for _, e := range []entry{
		{mariaProduct(), EnvMySQL},
		{postgresProduct(), EnvPostgres},
		{redisProduct(), EnvRedis},
		{pgbouncerProduct(""), EnvPgBouncer},
	} {
		if os.Getenv(e.env) == "" {
			all = append(all, e)
		}
	}
	return all
}

func (s *Shared) start(ctx context.Context, entries []entry) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	bouncer := false
	started := make([]*Server, len(entries))
	group, groupCtx := errgroup.WithContext(ctx)
	for i, e := range entries {
		if e.env == EnvPgBouncer {
			bouncer = true
			continue
		}
		group.Go(func() (err error) {
			started[i], err = e.create(groupCtx, s.dir, nil)
			return err
		})
	}
	err := group.Wait()
	for i, server := range started {
		if server != nil {
			s.add(entries[i].env, server)
		}
	}
	if err != nil || !bouncer {
		return err
	}
	postgres := s.lookup(EnvPostgres)
	if postgres == "" {
		return nil // was reported as missing
	}
	server, err := pgbouncerProduct(postgres).create(ctx, s.dir, nil)
	if server != nil {
		s.add(EnvPgBouncer, server)
	}
	return err
}

func (s *Shared) add(env string, server *Server) {
	s.servers = append(s.servers, server)
	s.env = append(s.env, env+"="+server.URL())
	if env == EnvMySQL {
		s.env = append(s.env, EnvMySQLSocket+"="+mariaSocket(filepath.Join(s.dir, strings.ToLower(server.name))))
	}
}

// lookup is a variable as the command will see it.
func (s *Shared) lookup(name string) string {
	for _, line := range s.env {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value
		}
	}
	return os.Getenv(name)
}

// Environ says where the servers started here are, as NAME=value.
func (s *Shared) Environ() []string { return s.env }

// Close kills the servers, whose data nobody needs any more, and removes their
// folder.
func (s *Shared) Close() error {
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Kill())
	}
	if err := os.RemoveAll(s.dir); err != nil {
		errs = append(errs, fmt.Errorf("remove what the servers left: %w", err))
	}
	return errors.Join(errs...)
}
