package csvfile_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// leaseChild asks for the lease, says what came of it, and settles it as badly as
// can be when it is sent a line.
func leaseChild(ctx context.Context, s *csvfile.Store, owner string) error {
	in := bufio.NewReader(os.Stdin)
	if _, err := in.ReadString('\n'); err != nil {
		return err
	}
	l, err := s.Acquire(ctx, oauth.Claim{Key: credential, Owner: owner})
	if errors.Is(err, oauth.ErrHeld) {
		fmt.Println("held")
		return nil
	} else if err != nil {
		return err
	}
	fmt.Println("granted", l.Epoch)
	if _, err := in.ReadString('\n'); err != nil {
		return err
	}
	if err := s.Settle(ctx, l, oauth.Outcome{Kind: oauth.Failed, Err: oauth.ErrReauthRequired}); err != nil {
		return err
	}
	fmt.Println("settled")
	return nil
}

// leaser is a program that asks for a lease.
type leaser struct {
	t     testing.TB
	cmd   *exec.Cmd
	in    io.Writer
	lines *bufio.Scanner
}

func startLeaser(t testing.TB, path string) *leaser {
	t.Helper()
	l := &leaser{t: t}
	l.cmd, l.lines = startChild(t, self(t), "lease", path, func(cmd *exec.Cmd) {
		var err error
		if l.in, err = cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
	})
	return l
}

// step lets the program take its next step.
func (l *leaser) step() { fmt.Fprintln(l.in) }

// says is what the program says to its last step.
func (l *leaser) says() string {
	l.lines.Scan()
	return l.lines.Text()
}

// does lets the program take a step, and wants it to say this.
func (l *leaser) does(want string) {
	l.t.Helper()
	l.step()
	if got := l.says(); got != want {
		l.t.Fatalf("the program says %q, want %q", got, want)
	}
}

// kill ends the program without a chance to do anything.
func (l *leaser) kill() {
	l.t.Helper()
	if err := l.cmd.Process.Kill(); err != nil {
		l.t.Error(err)
	}
	l.cmd.Wait()
}

// TestHolderDies: the lease of a program that died is free at once, for who asks
// and for who looks whether it has ended.
func TestHolderDies(t *testing.T) {
	path := location(t)
	s := open(t, path)
	for round := range int64(3) {
		holder := startLeaser(t, path)
		holder.does(fmt.Sprint("granted ", 2*round+1))
		wantHeld(t, s)
		if st, _ := standing(t, s); st.Owner != fmt.Sprint(holder.cmd.Process.Pid) {
			t.Errorf("held by %q", st.Owner)
		}
		holder.kill()
		if st, known := standing(t, s); st.Owner != "" || !known || st.Epoch != 2*round+1 {
			t.Errorf("after its death held by %q, epoch %d", st.Owner, st.Epoch)
		}
		lease := acquire(t, s, "heir")
		if st, _ := standing(t, s); lease.Epoch != 2*round+2 || len(st.Mints) != int(2*round+2) {
			t.Errorf("epoch %d with %d mints counted", lease.Epoch, len(st.Mints))
		}
		wantHeld(t, open(t, path))
		settle(t, s, lease, oauth.Minted)
	}
}

// TestEightLeasers: of eight programs that ask at once, one gets the lease.
func TestEightLeasers(t *testing.T) {
	path := location(t)
	for round := range 5 {
		var all []*leaser
		for range 8 {
			all = append(all, startLeaser(t, path))
		}
		for _, l := range all {
			l.step()
		}
		var said []string
		for _, l := range all {
			said = append(said, l.says())
		}
		if got := strings.Join(said, ", "); strings.Count(got, "granted") != 1 || strings.Count(got, "held") != 7 {
			t.Errorf("round %d: %s", round, got)
		}
		for _, l := range all {
			l.kill()
		}
	}
}
