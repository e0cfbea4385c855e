package rediskv

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"zohocrm/store/check"
)

var _ check.Inspector = (*Store)(nil)

// Inspect implements [check.Inspector]: whether the server keeps what it is
// given, whether the user may do what the store needs, whether anybody can
// listen, and whether rows are gone. What the server does not tell this user is
// one of the findings.
func (s *Store) Inspect(ctx context.Context) ([]check.Finding, error) {
	found := s.inspectLine()
	lacking, err := s.lackingRights(ctx)
	if err != nil {
		return found, s.failed(ctx, "check", err)
	}
	if len(lacking) > 0 {
		found = append(found, failure("missing-rights", "the Redis user lacks rights: "+strings.Join(lacking, ", "), s.granting()))
	}
	if slices.Contains(lacking, selecting) {
		return found, nil // each connection fails: nothing else can be asked
	}
	for _, look := range []func(context.Context) ([]check.Finding, error){s.inspectServer, s.inspectClock, s.inspectRows} {
		more, err := look(ctx)
		found = append(found, more...)
		if err != nil {
			return found, s.failed(ctx, "check", err)
		}
	}
	return found, nil
}

func failure(code, text, remedy string) check.Finding {
	return check.Finding{Severity: check.Failure, Code: code, Text: text, Remedy: remedy}
}

func warning(code, text, remedy string) check.Finding {
	return check.Finding{Severity: check.Warning, Code: code, Text: text, Remedy: remedy}
}

func note(code, text, remedy string) check.Finding {
	return check.Finding{Severity: check.Note, Code: code, Text: text, Remedy: remedy}
}

// Differences of clocks, beyond the time that an answer takes.
const (
	clockWarning = 30 * time.Second
	clockNote    = 2 * time.Second
)

func (s *Store) inspectClock(ctx context.Context) ([]check.Finding, error) {
	cmd := redis.NewTimeCmd(ctx, "time")
	begun := s.now()
	err := s.call(ctx, cmd)
	if refusedWith(err, "NOPERM") {
		return nil, nil // said already
	}
	if err != nil {
		return nil, err
	}
	took := s.now().Sub(begun)
	ahead := cmd.Val().Sub(begun.Add(took / 2)).Round(time.Second)
	words := fmt.Sprintf("the server's clock is %s ahead of this machine's", ahead)
	if ahead < 0 {
		words = fmt.Sprintf("the server's clock is %s behind this machine's", -ahead)
	}
	switch apart := max(ahead, -ahead); {
	case apart >= clockWarning+took:
		return []check.Finding{warning("clock-difference", words, "set both clocks by NTP")}, nil
	case apart >= clockNote+took:
		return []check.Finding{note("clock-difference", words, "set both clocks by NTP")}, nil
	}
	return nil, nil
}

// pageChecked is how many rows are looked for in one step.
const pageChecked = 1000

// inspectRows looks for rows that are listed and not there: the server threw
// them away, or somebody deleted them by hand.
func (s *Store) inspectRows(ctx context.Context) ([]check.Finding, error) {
	var missing int64
	var ids []string
	for from := "-"; from != ""; {
		reply, err := s.read(ctx, s.scripts.missing, []any{s.keys.row, from, pageChecked})
		if refusedWith(err, "NOPERM") {
			return nil, nil // said already
		}
		if err != nil {
			return nil, err
		}
		parts, err := list(reply, 3)
		if err != nil {
			return nil, err
		}
		count, _ := parts[1].(int64)
		first, err := list(parts[2], -1)
		if err != nil {
			return nil, err
		}
		missing += count
		for _, id := range first[:min(len(first), 10-min(10, len(ids)))] {
			ids = append(ids, fmt.Sprintf("%q", text(id)))
		}
		from = ""
		if last := text(parts[0]); last != "" {
			from = "(" + last
		}
	}
	if missing == 0 {
		return nil, nil
	}
	which := strings.Join(ids, ", ")
	if missing > int64(len(ids)) {
		which += " and others"
	}
	return []check.Finding{failure("lost-rows", fmt.Sprintf("%d rows are listed and not there: id %s; the server threw them away or somebody deleted their keys", missing, which),
		"connect these users again, and look at maxmemory-policy")}, nil
}

// refusedWith reports whether the server refused with this code.
func refusedWith(err error, codes ...string) bool {
	var refused redis.Error
	if !errors.As(err, &refused) {
		return false
	}
	for _, code := range codes {
		if codeOf(refused.Error()) == code {
			return true
		}
	}
	return false
}

// inspectLine looks at the way to the server.
func (s *Store) inspectLine() []check.Finding {
	line, known := lineOf(s.client)
	switch {
	case !known || line.local:
		return nil
	case !line.tls:
		return []check.Finding{warning("no-tls", "tokens and the password go to "+line.host+" in plain text", "use rediss:// and a server with tls-port")}
	case !line.verified:
		return []check.Finding{warning("tls-unverified", "the server's certificate is not checked", "leave InsecureSkipVerify off, and give the certificate's authority as ca=FILE")}
	}
	return nil
}
