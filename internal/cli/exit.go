package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"zohocrm/crm"
	"zohocrm/oauth"
	"zohocrm/store/open"
	"zohocrm/store/sealed"
)

// The exit codes of zcrm. "exec" ends with the code of the command it ran.
const (
	exitOK        = 0
	exitFailed    = 1 // also after an interrupt
	exitUsage     = 2
	exitNotFound  = 3
	exitConsent   = 4 // the user must consent again
	exitThrottled = 5
	exitNotRun    = 126 // the command of "exec" cannot be run
	exitNoCommand = 127 // there is no such command
)

// exitHelp is the part of the help that lists them.
const exitHelp = `Exit codes:
  0  fine
  1  failed, or interrupted
  2  wrong usage
  3  not found: no such token, or nothing there at Zoho
  4  the user must consent again: zcrm login
  5  throttled by Zoho: wait
  "zcrm exec" ends with the code of the command it ran; with 126 if that cannot
  be run, and 127 if there is no such command.`

// usageError is a command line that cannot be carried out.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// sayf is usagef with a text that ends with what to do next.
func sayf(format string, args ...any) error { return advisedError{usagef(format, args...)} }

// advisedError is an error whose text already ends with what to do next.
type advisedError struct{ error }

func (e advisedError) Unwrap() error { return e.error }

// advise adds what to do next, in place of the general advice.
func advise(err error, next string) error {
	if err == nil {
		return nil
	}
	return advisedError{fmt.Errorf("%w; %s", err, next)}
}

// childExit carries the exit code of a command that exec ran.
type childExit struct{ code int }

func (e *childExit) Error() string { return fmt.Sprintf("the command ended with code %d", e.code) }

// exitCode maps an error to the exit code, by what the user can do about it.
// Throttling comes first: it is also why a fresh token was not to be had.
func exitCode(err error) int {
	var unstarted *unstartedError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &unstarted):
		return unstarted.code
	case is(err, oauth.ErrThrottled, crm.ErrThrottled):
		return exitThrottled
	case is(err, oauth.ErrReauthRequired, oauth.ErrGrantExpired, oauth.ErrConsentRefused, oauth.ErrDeviceExpired, crm.ErrInvalidToken, crm.ErrScope):
		return exitConsent
	case is(err, oauth.ErrNotFound, crm.ErrNotFound):
		return exitNotFound
	case isUsage(err), is(err, oauth.ErrAmbiguous, oauth.ErrIncompleteKey, open.ErrUnsupported):
		return exitUsage
	}
	return exitFailed
}

func is(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

func isUsage(err error) bool {
	var u *usageError
	return errors.As(err, &u)
}

// nextStep is the general advice for errors that do not end with their own.
func nextStep(cmd *cobra.Command, err error) string {
	var advised advisedError
	var needsKey *sealed.KeyError
	switch {
	case errors.As(err, &advised):
		return ""
	case exitCode(err) == exitConsent && cmd.Name() != "login":
		return "next: zcrm login"
	case errors.Is(err, oauth.ErrNotFound):
		return "list the tokens: zcrm token list"
	case errors.Is(err, oauth.ErrAmbiguous):
		return "say which with --id"
	case errors.Is(err, oauth.ErrConflict):
		return "repeat the command"
	case errors.Is(err, oauth.ErrSealed):
		return "give the keys with --keys or ZCRM_KEYS"
	case errors.Is(err, sealed.ErrPlain):
		return "if the row is yours, seal it: zcrm store seal --accept-plain; else delete it: zcrm token delete --id ID"
	case errors.As(err, &needsKey):
		return "see: zcrm keys check" // the error says the rest
	case errors.Is(err, oauth.ErrCorrupt):
		return "put a good copy in its place, or move it away and log in again"
	case isUsage(err):
		return "see: " + cmd.CommandPath() + " --help"
	}
	return ""
}

// fail prints the one line that says what failed, why and what to do next, and
// returns the exit code.
func (a *app) fail(ctx context.Context, cmd *cobra.Command, err error) int {
	var child *childExit
	if errors.As(err, &child) {
		return child.code
	}
	line := "zcrm: "
	if _, rest, ok := strings.Cut(cmd.CommandPath(), " "); ok {
		line += rest + ": "
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		a.tell("%sinterrupted", line)
		return exitFailed
	}
	// Errors that were joined stand on lines of their own.
	line += plainWords(strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	if next := nextStep(cmd, err); next != "" {
		line += "; " + next
	}
	a.tell("%s", line)
	return exitCode(err)
}

// oneLine makes a text fit for one line of a terminal: no control character of
// a server's answer or a file's name reaches it.
func oneLine(text string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(clean)
}
