package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm/store/transfer"
)

// sdkFile is a token file of n users; user 150 is there twice.
func sdkFile(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url,api_domain\n")
	for i := 1; i <= n; i++ {
		name := i
		if i == 151 {
			name = 150
		}
		fmt.Fprintf(&b, "%d,user%d,1000.SIM,%s,refresh-%d,access-%d,,17000000%05d,,https://www.zohoapis.com\n", i, name, plantedSecret, name, i, i)
	}
	path := filepath.Join(t.TempDir(), "sdk.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// An interrupt ends a copy between two batches, says how to go on, and the same
// command does.
func TestCopyInterrupted(t *testing.T) {
	r := newRig(t)
	args := []string{"store", "copy", "--from", "csv:" + sdkFile(t, 1000), "--to", "sqlite:" + filepath.Join(r.dir, "to.db"), "--batch", "100"}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var out bytes.Buffer
	errs := &interruptingWriter{at: "a second token of the same user", interrupt: interrupt}
	a := newApp(nil, &out, errs, r.environ())
	code := a.run(ctx, append(args, "--log-level", "info"))
	said := regexp.MustCompile(`zcrm: store copy: interrupted after (\d+) tokens; repeat the command to go on, what is there already is passed over\n$`).FindStringSubmatch(errs.seen.String())
	if code != exitFailed || said == nil {
		t.Fatalf("exit code %d: %s", code, errs.seen.String())
	}
	n, err := strconv.Atoi(said[1]) // the last batch is as large as it was when it was interrupted
	if err != nil || n < 200 || n > 999 || !strings.HasPrefix(out.String(), fmt.Sprintf("%d tokens read: %d inserted, ", n, n-1)) {
		t.Errorf("stdout: %s", out.String())
	}
	got := r.run("", args...)
	if got.code != exitOK || !strings.HasPrefix(got.stdout, fmt.Sprintf("1000 tokens read: %d inserted, 0 updated, %d unchanged, 1 duplicate passed", 1000-n, n-1)) {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
}

// The context of the work ends with the command's, and only after a while.
func TestLingering(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	working, cancel := lingering(ctx, time.Hour)
	end()
	select {
	case <-working.Done():
		t.Error("the work ends at once")
	default:
	}
	cancel()
	<-working.Done()
	ctx, end = context.WithCancel(t.Context())
	working, cancel = lingering(ctx, time.Millisecond)
	defer cancel()
	end()
	<-working.Done() // or the test never ends
}

// On a terminal there is a bar, which ends when it is stopped; elsewhere lines.
func TestCopyProgress(t *testing.T) {
	var b lockedBuffer
	now := time.Unix(0, 0)
	var mu sync.Mutex
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	a := newApp(nil, nil, &b, nil)
	a.now = clock
	p := &copyProgress{app: a, total: 400, begun: now, said: now}
	p.draw(&b, false)
	p.told(transfer.Progress{Read: 100, Total: 400})
	p.told(transfer.Progress{Read: 400, Total: 400, Done: true})
	p.stop(nil)
	if text := b.String(); !strings.Contains(text, "tokens") || !strings.Contains(text, "400") || !strings.Contains(text, "done") {
		t.Errorf("the bar: %q", text)
	}

	b = lockedBuffer{}
	a.err = &b
	p = &copyProgress{app: a, begun: now, said: now}
	for i, at := range []transfer.Progress{{Read: 1000}, {Read: 6000}, {Read: 7000, Refused: 2}, {Read: 12000, Refused: 2}, {Read: 13000, Done: true}} {
		now = time.Unix(int64(3*i+2), 0)
		p.told(at)
	}
	p.stop(nil)
	if got, want := b.String(), "6000 tokens so far, 1200 a second\n12000 tokens so far, 2 of them refused, 1091 a second\n"; got != want {
		t.Errorf("lines %q, want %q", got, want)
	}
}
