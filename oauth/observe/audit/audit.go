// Package audit keeps a record of who did what with which token: one JSON object
// a line, appended to a file that only its owner can read. Tokens appear as
// fingerprints. It hears what a Keeper does, as its Observer, and what a program
// tells it besides with [Log.Record], such as that a secret was shown:
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
	// Actor names who acts: a service, a person; "" is the system's name of the user
	// whose process this is. That user's number is on record besides, whatever the
	// name.
	Actor string
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Logger hears when a line could not be written; nil discards.
	Logger *slog.Logger
}

// The kinds of event for which no Keeper speaks. They are recorded before they
// happen, and once more, as [Entry].Ended, if there is something to tell then: that
// it failed, to how many tokens it was done.
const (
	Shown  oauth.EventKind = "shown"  // a secret is handed to a person or to another program
	Delete oauth.EventKind = "delete" // a token is deleted, and Zoho is not told
	Import oauth.EventKind = "import" // a token comes into a store
	Copy   oauth.EventKind = "copy"   // all tokens of a store go into another one
	Seal   oauth.EventKind = "seal"   // all tokens of a store are encrypted
	Unseal oauth.EventKind = "unseal" // and are plain again
	Rotate oauth.EventKind = "rotate" // the keys of sealed stores get a new one
	Retire oauth.EventKind = "retire" // one of them is thrown away
)

// Entry is an event with what the program that did it can say besides.
type Entry struct {
	oauth.Event
	Store  string // its address, without the password
	From   string // the store or the file that tokens come from, likewise
	Key    string // the number of a key
	Tokens int    // how many it was done to
	Ended  bool   // it is over: an earlier line said that it was about to happen
}

// Log is an open record and an [oauth.Observer]. It is safe for concurrent use.
type Log struct {
	cfg Config
	uid string // of the system's user

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
	name, uid := systemUser()
	if cfg.Actor == "" {
		cfg.Actor = name
	}
	l := &Log{cfg: cfg, uid: uid}
	return l, l.Reopen()
}

// wanted says what a record must be, whatever stands in its place.
const wanted = "it must be a plain file that you can write, or a new one in a folder that is there: no link, no folder, no pipe"

// Reopen opens the file anew, after somebody moved it away.
func (l *Log) Reopen() error {
	f, err := os.OpenFile(l.cfg.Path, os.O_APPEND|os.O_CREATE|os.O_WRONLY|noFollow, 0o600)
	if err != nil {
		return fmt.Errorf("the audit record cannot be opened: %w; %s", err, wanted)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New(wanted)
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
	UID        string          `json:"uid,omitzero"` // of the system's user; a SID on Windows
	PID        int             `json:"pid"`
	Did        oauth.EventKind `json:"did"`
	UserName   string          `json:"user_name,omitzero"`
	ClientID   string          `json:"client_id,omitzero"`
	Credential string          `json:"credential,omitzero"` // fingerprint
	Store      string          `json:"store,omitzero"`
	From       string          `json:"from,omitzero"`
	Key        string          `json:"key,omitzero"`
	Tokens     int             `json:"tokens,omitzero"`
	Ended      bool            `json:"ended,omitzero"`
	Failed     string          `json:"failed,omitzero"` // class of the error
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
	if err := l.Record(Entry{Event: e}); err != nil {
		l.cfg.Logger.Error("an event could not be put on record", "did", string(e.Kind), "error", err)
	}
}

// Record appends an entry and says whether it could.
func (l *Log) Record(e Entry) error {
	said := line{
		Time: l.cfg.Now().UTC(), Actor: l.cfg.Actor, UID: l.uid, PID: os.Getpid(),
		Did: e.Kind, UserName: e.UserName, ClientID: e.ClientID, Credential: e.Credential,
		Store: e.Store, From: e.From, Key: e.Key, Tokens: e.Tokens, Ended: e.Ended,
	}
	if e.Err != nil {
		said.Failed = oauth.ClassOf(e.Err)
	}
	text, err := json.Marshal(said)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = l.file.Write(append(text, '\n')) // one write: lines of several processes do not mix
	return err
}
