package servertest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// product is one kind of server.
type product struct {
	name     string
	pkg      string   // of Debian
	programs []string // what the package brings
	// prepare makes the server's files in dir, which is empty, and says how it is
	// run. settings are lines of its configuration file.
	prepare func(ctx context.Context, h host, settings []string) (launch, error)
}

// host is where one server is prepared.
type host struct {
	account
	dir      string
	password string
	programs map[string]string // their paths by name
}

// missing lists the programs that are not on this machine.
func (p product) missing() []string {
	var none []string
	for _, name := range p.programs {
		if _, err := lookup(name); err != nil {
			none = append(none, name)
		}
	}
	return none
}

// create prepares the product in a new folder of parent and starts it.
func (p product) create(ctx context.Context, parent string, settings []string) (*Server, error) {
	a, err := unprivileged()
	if err != nil {
		return nil, err
	}
	h := host{account: a, dir: filepath.Join(parent, strings.ToLower(p.name)), password: random(16), programs: map[string]string{}}
	for _, name := range p.programs {
		if h.programs[name], err = lookup(name); err != nil {
			return nil, err
		}
	}
	if err := os.Mkdir(h.dir, 0o700); err != nil {
		return nil, err
	}
	if err := h.own(h.dir); err != nil {
		return nil, err
	}
	l, err := p.prepare(ctx, h, settings)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", p.name, err)
	}
	l.name = p.name
	s := &Server{launch: l, dir: h.dir, account: a}
	return s, s.start(ctx)
}

// file writes one of the server's files.
func (h host) file(name string, lines ...string) (string, error) {
	path := filepath.Join(h.dir, name)
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return "", err
	}
	return path, h.own(path)
}

// lookup finds a program in PATH or where packages put servers.
func lookup(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return filepath.Abs(path)
	}
	candidates := []string{"/usr/sbin/" + name, "/usr/local/sbin/" + name}
	versions, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil {
		return "", err
	}
	slices.SortFunc(versions, func(a, b string) int { return version(b) - version(a) })
	for _, path := range append(candidates, versions...) {
		if found, err := exec.LookPath(path); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("no program %s on this machine", name)
}

// version is the 15 of /usr/lib/postgresql/15/bin/postgres.
func version(path string) int {
	n, err := strconv.Atoi(strings.Split(path, "/")[4])
	if err != nil {
		return 0
	}
	return n
}

// random is n random bytes in hex.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
