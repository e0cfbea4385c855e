package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/transfer"
)

// TestCopyProgress: at most ten times a second, and at the end, which adds up.
func TestCopyProgress(t *testing.T) {
	clock := noon()
	var told []transfer.Progress
	cfg := transfer.Config{
		BatchSize: 10, Total: 1000,
		Now: func() time.Time {
			clock = clock.Add(30 * time.Millisecond)
			return clock
		},
		Progress: func(p transfer.Progress) { told = append(told, p) },
	}
	rows := users(1, 1001)
	rows[4].RedirectURL = "two\nlines"
	report, err := transfer.Copy(context.Background(), newFixed(t, rows...), memory.New(memory.Config{}), cfg)
	if !errors.Is(err, oauth.ErrInvalidValue) {
		t.Fatal(err)
	}
	if n := len(told); n < 24 || n > 27 { // 100 batches, 30 ms each
		t.Errorf("%d calls in three seconds", n)
	}
	for i, p := range told {
		last := i == len(told)-1
		if p.Total != 1000 || p.Refused != 1 || p.Inserted != p.Read-1 || p.Done != last || i > 0 && p.Read < told[i-1].Read {
			t.Errorf("call %d is %+v", i, p)
		}
	}
	if p := told[len(told)-1]; p.Read != 1000 || p.Read != report.Read {
		t.Errorf("the last call is %+v", p)
	}
}

// TestCopyLogs tells who was refused, and no secret.
func TestCopyLogs(t *testing.T) {
	var b bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&b, nil))
	bad, late := user(2), user(3)
	bad.RefreshToken = oauth.NewSecret("hidden\nhidden")
	late.ID, late.Expiry = "9", noon().Add(time.Hour)
	_, err := transfer.Copy(context.Background(), newFixed(t, user(1), bad, user(3), late), memory.New(memory.Config{}), transfer.Config{Logger: logger})
	if !errors.Is(err, oauth.ErrInvalidValue) {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{"level=WARN", "user2", "refresh_token", "user3", "kept=9", "4 tokens read: 2 inserted", "level=ERROR"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log does not say %q:\n%s", want, text)
		}
	}
	for _, secret := range []string{"hidden", "r.user", "a.user", "g.user"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log says %q:\n%s", secret, text)
		}
	}
}

func TestReportString(t *testing.T) {
	r := transfer.Report{
		Read: 10, Inserted: 3, Updated: 2, Unchanged: 1, Gone: 1, Renumbered: make([]transfer.IDChange, 2),
		Duplicates: make([]transfer.Duplicate, 2), Refused: make([]transfer.Refusal, 1),
	}
	want := "10 tokens read: 3 inserted, 2 updated, 1 unchanged, 2 with another ID, 2 duplicates passed over, 1 gone meanwhile, 1 refused"
	if got := r.String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
