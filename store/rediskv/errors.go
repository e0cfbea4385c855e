package rediskv

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"zohocrm/oauth"
)

// sentError marks an error of a change that had been sent.
type sentError struct{ err error }

func (e *sentError) Error() string { return e.err.Error() }
func (e *sentError) Unwrap() error { return e.err }

// failed turns an error into what a caller gets. Errors of the contract and of
// ctx pass. What the server says is replaced by its meaning, since it may quote
// a command, and so a secret.
func (s *Store) failed(ctx context.Context, what string, err error) error {
	if err == nil || isContract(err) {
		return err
	}
	what = "redis " + what
	unknown := ""
	var sent *sentError
	if errors.As(err, &sent) {
		unknown = "; whether it was changed is not known: read it again"
	}
	if stop := ended(ctx); stop != nil {
		return fmt.Errorf("%s: %w%s", what, stop, unknown)
	}
	var refused redis.Error
	if errors.As(err, &refused) {
		return s.refused(what, refused.Error())
	}
	// Not the server's words, but those of the network and the client, which know
	// addresses and no commands.
	return fmt.Errorf("%w: %s: the server cannot be reached: %v; %s%s", oauth.ErrStoreUnavailable, what, err, s.whereToLook(err), unknown)
}

// ended is ctx.Err, also in the moment between a deadline and its timer: a
// connection keeps the deadline by a clock of its own.
func ended(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return ctx.Err()
}

// isContract reports whether an error is already one that callers know.
func isContract(err error) bool {
	for _, known := range []error{
		oauth.ErrNotFound, oauth.ErrIncompleteKey, oauth.ErrMismatch, oauth.ErrAmbiguous, oauth.ErrConflict,
		oauth.ErrInvalidValue, oauth.ErrCorrupt, oauth.ErrStoreUnavailable,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// refused explains an error that the server answered.
func (s *Store) refused(what, answer string) error {
	code := codeOf(answer)
	if code == "WRONGTYPE" {
		return &oauth.CorruptError{Place: fmt.Sprintf("Redis keys %s*", strings.TrimSuffix(s.keys.row, "row:")),
			Reason: "one of them has another type than this store gives it; choose another prefix, or delete that key"}
	}
	for _, c := range causes() {
		if c.code != code {
			continue
		}
		text := c.text
		if code == noDatabase {
			line, _ := lineOf(s.client)
			text += fmt.Sprint(" ", line.database)
		}
		if command := commandIn(answer); command != "" {
			text += ", +" + command
		}
		return fmt.Errorf("%w: %s: %s; %s (%s)", oauth.ErrStoreUnavailable, what, text, c.next, code)
	}
	return fmt.Errorf("%w: %s: the server refused the script (%s); it must be Redis 5 or newer, and allow EVALSHA", oauth.ErrStoreUnavailable, what, code)
}

// noDatabase stands for answers that have no code of their own.
const noDatabase = "ERR DB index"

// cause is what a code means, and what to do next.
type cause struct{ code, text, next string }

// causes are the codes of Redis that users meet.
func causes() []cause {
	return []cause{
		{"NOAUTH", "the server wants a password and none was given", "in a URL it is redis://:PASSWORD@HOST, or redis://USER:PASSWORD@HOST"},
		{"WRONGPASS", "the user name or password is wrong, or the user is disabled", "correct them; a URL with a password alone is redis://:PASSWORD@HOST"},
		{"NOPERM", "the user lacks a right", "`zcrm store check URL` lists all that it needs, and so does the documentation of package rediskv"},
		{noDatabase, "the server has no database", "use a smaller number, or raise databases in its configuration; a cluster has 0 alone"},
		{"READONLY", "this server is a replica, which can only be read", "use the primary's address"},
		{"OOM", "the server's memory is full", "raise its maxmemory or remove other data"},
		{"MISCONF", "the server cannot write its data to its disk", "look at its log"},
		{"NOREPLICAS", "the server has fewer replicas than it needs for a write", "look at min-replicas-to-write"},
		{"LOADING", "the server is still reading its data", "try again soon"},
		{"BUSY", "the server is busy with a long script", "try again soon"},
		{"MASTERDOWN", "this replica has lost its primary", "try again soon"},
		{"CLUSTERDOWN", "the cluster has lost a part", "try again soon"},
		{"TRYAGAIN", "the cluster is being resharded", "try again soon"},
		{"MOVED", "the server is part of a cluster", "use a cluster client"},
	}
}

// codeOf is the word that an answer begins with. Inside a script Redis 7.0 says
// in words that a right is missing, and before Redis 7 every code stands further
// on, behind a dash.
func codeOf(answer string) string {
	code, rest, _ := strings.Cut(answer, " ")
	switch {
	case code == "ERR" && strings.Contains(rest, "invalid password"):
		return "WRONGPASS"
	case code == "ERR" && (strings.HasPrefix(rest, "DB index") || strings.HasPrefix(rest, "SELECT is not allowed")):
		return noDatabase
	case code == "ERR" && strings.Contains(rest, "The user executing the script"):
		return "NOPERM"
	case code == "ERR" && strings.Contains(rest, "user_script"):
		for _, word := range strings.Fields(rest) {
			word = strings.TrimPrefix(word, "-")
			for _, c := range append(causes(), cause{code: "WRONGTYPE"}) {
				if c.code == word {
					return word
				}
			}
		}
	}
	return strings.ToUpper(code)
}
