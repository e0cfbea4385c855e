package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// sdkFolder is where package interop installs the official SDK.
const sdkFolder = "interop/node"

// installTime bounds the SDK's installation.
const installTime = 3 * time.Minute

// node is a side that finds users in a table by the official Node.js SDK. Its own time
// counts: that of a process that runs, without what it takes to ask it.
func (k *kit) node(ctx context.Context, storeURL, table string) (side, error) {
	entry, err := installSDK(ctx)
	if err != nil {
		return nil, fmt.Errorf("the official Node.js SDK cannot be measured: %w: install Node.js 18 or newer with npm, and let an npm registry be reached", err)
	}
	u, err := url.Parse(storeURL)
	if err != nil {
		return nil, errors.New("the server's address is no URL") // the error would show the password
	}
	password, _ := u.User.Password()
	place, err := json.Marshal(map[string]string{
		"host": u.Hostname(), "port": u.Port(), "database": strings.TrimPrefix(u.Path, "/"), "table": table,
		"user": u.User.Username(), "password": password,
	})
	if err != nil {
		return nil, err
	}
	p, err := k.spawn(ctx, "node", filepath.Join("bench", "node", "find.mjs"), entry, string(place))
	if err != nil {
		return nil, err
	}
	pick := newPicker(tokens)
	return func(n int) (time.Duration, error) {
		var ask struct {
			Users []string `json:"users"`
		}
		for range n {
			ask.Users = append(ask.Users, userName(pick.next()))
		}
		return p.timed(ask)
	}, nil
}

// timed asks a Node program to do something, and how long it took.
func (p *peer) timed(ask any) (time.Duration, error) {
	var answer struct {
		Nanos int64  `json:"ns"`
		Error string `json:"error"`
	}
	if err := p.ask(ask, &answer); err != nil {
		return 0, err
	}
	if answer.Error != "" {
		return 0, fmt.Errorf("node: %s", answer.Error)
	}
	return time.Duration(answer.Nanos), nil
}

// installSDK installs the SDK unless it is there as package interop leaves it, and
// gives the path of its first module.
func installSDK(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, installTime)
	defer cancel()
	lockFile := filepath.Join(sdkFolder, "package-lock.json")
	lock := flock.New(lockFile, flock.SetFlag(os.O_RDONLY))
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return "", err
	}
	defer lock.Unlock()
	text, err := os.ReadFile(lockFile)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	wanted := []byte(hex.EncodeToString(sum[:]) + "\n")
	mark := filepath.Join(sdkFolder, "node_modules", ".installed")
	if have, err := os.ReadFile(mark); err != nil || !bytes.Equal(have, wanted) {
		npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
		npm.Dir = sdkFolder
		if out, err := npm.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
		}
		if err := os.WriteFile(mark, wanted, 0o644); err != nil {
			return "", err
		}
	}
	return filepath.Abs(filepath.Join(sdkFolder, "node_modules", "@zohocrm", "nodejs-sdk-8.0", "lib", "index.js"))
}

// peer is a process that answers lines of JSON, one for each that it is given.
type peer struct {
	in  *json.Encoder
	out *bufio.Reader
}

// spawn starts a process that ends, at the latest, with the area.
func (k *kit) spawn(ctx context.Context, name string, args ...string) (*peer, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	k.later(func() error {
		if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
			return fmt.Errorf("%s ended badly: %w", filepath.Base(name), err)
		}
		return nil
	})
	return &peer{json.NewEncoder(in), bufio.NewReader(out)}, nil
}

// ask sends a line and reads the answer.
func (p *peer) ask(what, into any) error {
	if err := p.in.Encode(what); err != nil {
		return err
	}
	return p.hear(into)
}

func (p *peer) hear(into any) error {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("a process gave no answer: %w", err)
	}
	return json.Unmarshal(line, into)
}
