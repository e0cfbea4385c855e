// Package audit keeps a record of who did what with which token: one JSON object
// a line, appended to a file that only its owner can read. Tokens appear as
// fingerprints. It hears what a Keeper does, as its Observer, and what a program
// tells it besides, such as that a secret was shown:
//
//	log, err := audit.Open(audit.Config{Path: "/var/log/zohocrm/audit.jsonl", Actor: "billing"})
//	keeper, err := oauth.NewKeeper(oauth.KeeperConfig{Observer: log, ...})
//
// Answers from memory are not recorded: nothing happens then. Several processes
// may append to one file. The file grows until somebody rotates it; after that,
// [Log.Reopen].
package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"zohocrm/oauth"
)

// Config says where the record is kept and who speaks in it.
type Config struct {
	// Path is the file; it is made if it is missing, in a folder that is there.
	Path string
	// Actor names who acts: a service, a person; "" is the system's user.
	Actor string
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Logger hears when a line could not be written; nil discards.
	Logger *slog.Logger
}

// Shown is the kind of event for which no Keeper speaks: a secret was handed to a
// person or to another program.
const Shown oauth.EventKind = "shown"

// Log is an open record and an [oauth.Observer]. It is safe for concurrent use.
type Log struct {
	cfg Config

	mu   sync.Mutex
	file *os.File
}

var _ oauth.Observer = (*Log)(nil)

// Open opens the file for appending. A file that others can write is refused: its
// lines would prove nothing.
func Open(cfg Config) (*Log, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Actor == "" {
		cfg.Actor = systemUser()
	}
	l := &Log{cfg: cfg}
	return l, l.Reopen()
}

// Reopen opens the file anew, after somebody moved it away.
func (l *Log) Reopen() error {
	f, err := os.OpenFile(l.cfg.Path, os.O_APPEND|os.O_CREATE|os.O_WRONLY|noFollow, 0o600)
	if err != nil {
		return fmt.Errorf("the audit record cannot be opened: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a file")
	}
	if err == nil && writtenByOthers(info) {
		err = errors.New("others can write it: chmod 600")
	}
	if err != nil {
		return errors.Join(fmt.Errorf("the audit record %s: %w", l.cfg.Path, err), f.Close())
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.file.Close() // every line is written in one piece already
	}
	l.file = f
	return nil
}

// Close closes the file. Nothing may be recorded afterwards.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}

// line is what is written of an event.
type line struct {
	Time       time.Time       `json:"time"`
	Actor      string          `json:"actor"`
	PID        int             `json:"pid"`
	Did        oauth.EventKind `json:"did"`
	UserName   string          `json:"user_name,omitzero"`
	ClientID   string          `json:"client_id,omitzero"`
	Credential string          `json:"credential,omitzero"` // fingerprint
	Failed     string          `json:"failed,omitzero"`     // class of the error
}

// recorded are the events that say who did something; the others say how it went.
var recorded = map[oauth.EventKind]bool{
	oauth.EventMint: true, oauth.EventFail: true, oauth.EventSaved: true, oauth.EventLogin: true,
	oauth.EventRevoke: true, oauth.EventReauth: true, oauth.EventThrottle: true, Shown: true,
}

// Observe implements [oauth.Observer]. A line that cannot be written is logged: a
// token is not withheld because the disk is full.
func (l *Log) Observe(_ context.Context, e oauth.Event) {
	if !recorded[e.Kind] {
		return
	}
	if err := l.Record(e); err != nil {
		l.cfg.Logger.Error("an event could not be put on record", "did", string(e.Kind), "error", err)
	}
}

// Record appends an event and says whether it could.
func (l *Log) Record(e oauth.Event) error {
	entry := line{
		Time: l.cfg.Now().UTC(), Actor: l.cfg.Actor, PID: os.Getpid(),
		Did: e.Kind, UserName: e.UserName, ClientID: e.ClientID, Credential: e.Credential,
	}
	if e.Err != nil {
		entry.Failed = oauth.ClassOf(e.Err)
	}
	text, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = l.file.Write(append(text, '\n')) // one write: lines of several processes do not mix
	return err
}
