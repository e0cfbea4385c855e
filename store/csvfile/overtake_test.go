package csvfile

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

const dave = "4,dave,c,s,rd,ad,,1795308985119,,https://www.zohoapis.com\n"

// once runs do the first time it is called.
func once(do func()) func() {
	done := false
	return func() {
		if !done {
			done = true
			do()
		}
	}
}

// TestChangedBeforeReplace: an SDK adds a user between our reading and our
// writing. Both users are there in the end.
func TestChangedBeforeReplace(t *testing.T) {
	for name, c := range map[string]struct{ age time.Duration }{"old": {time.Minute}, "young": {0}} {
		t.Run(name, func(t *testing.T) {
			path := newFile(t, three, time.Minute)
			r := newRig(t, path)
			r.setAge(c.age)
			sdk := once(func() { r.rewrite(three + dave) })
			r.now = func() time.Time { sdk(); return time.Now() } // asked for while the Save is planned
			saved, err := r.Save(t.Context(), oauth.Token{UserName: "erin", RefreshToken: oauth.NewSecret("re")})
			if err != nil || saved.ID != "5" {
				t.Errorf("Save: id %q, %v", saved.ID, err)
			}
			if got := fileText(t, path); got != three+dave+"5,erin,,,re,,,,,\n" {
				t.Errorf("the file is\n%s", got)
			}
		})
	}
}

// sneak changes a part of the file and leaves its size and time as they are, as
// happens within one tick of the file system's clock.
func (r *rig) sneak(old, new string) {
	r.t.Helper()
	info, err := os.Stat(r.path)
	if err != nil {
		r.t.Fatal(err)
	}
	r.rewrite(strings.Replace(fileText(r.t, r.path), old, new, 1))
	if err := os.Chtimes(r.path, info.ModTime(), info.ModTime()); err != nil {
		r.t.Fatal(err)
	}
}

// TestSameSizeSameTime: a change that neither size nor time tell is noticed if
// it follows closely on another one: on an SDK's, and on ours.
func TestSameSizeSameTime(t *testing.T) {
	r := newRig(t, newFile(t, three, time.Minute))
	r.rewrite(three)
	r.finds("alice", "aa")
	r.sneak(",aa,", ",xx,")
	r.finds("alice", "xx")
	r.begin = time.Now().Add(-r.ahead) // the clock that our own file gets its time from
	r.saves("carol", "01")
	r.finds("carol", "01")
	r.sneak(",ab,", ",yy,")
	r.finds("bob", "yy")
	sdk := once(func() { r.sneak(",yy,", ",zz,") })
	r.now = func() time.Time { sdk(); return time.Now() }
	r.saves("carol", "02")
	r.finds("bob", "zz")
	r.finds("carol", "02")
}

// TestFindReadsNothing: an unchanged file is not read, let alone parsed.
func TestFindReadsNothing(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	r.finds("alice", "aa")
	before := r.view
	r.ahead += time.Hour
	r.finds("bob", "ab")
	if r.view.turn != before.turn || r.view.readAt != before.readAt {
		t.Error("the file was read again")
	}
}

// overtaking makes an SDK open the file, which cuts it to nothing, at the very
// moment at which it is replaced. The file that the SDK holds is the answer.
func overtaking(r *rig) (sdk func() *os.File) {
	var f *os.File
	open := once(func() {
		var err error
		if f, err = os.OpenFile(r.path, os.O_WRONLY|os.O_TRUNC, 0); err != nil {
			r.t.Fatal(err)
		}
	})
	r.replace = func(from, to string) error {
		open()
		return replace(from, to)
	}
	return func() *os.File { return f }
}

// TestOvertaken: what an SDK writes into a file that was just replaced is taken
// over, together with the change that replaced it.
func TestOvertaken(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	sdk := overtaking(r)
	r.during = func(wait int) {
		f := sdk()
		switch wait {
		case 1:
			f.WriteString(three)
		case 3:
			f.WriteString(dave)
			f.Close()
		}
	}
	saved, err := r.Save(t.Context(), oauth.Token{UserName: "erin", RefreshToken: oauth.NewSecret("re")})
	if err != nil {
		t.Fatal(err)
	}
	if got := fileText(t, path); got != three+dave+saved.ID+",erin,,,re,,,,,\n" {
		t.Errorf("the file is\n%s", got)
	}
	r.finds("dave", "ad")
	if got, err := r.Get(t.Context(), saved.ID); err != nil || got.UserName != "erin" {
		t.Errorf("Get: %v, %v", got, err)
	}
}

// TestOvertakenConflict: the SDK changed the very row. Its change stands, and
// the Save says so.
func TestOvertakenConflict(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	sdk := overtaking(r)
	theirs := strings.Replace(three, ",ab,", ",theirs,", 1)
	r.during = func(wait int) {
		if wait == 1 {
			sdk().WriteString(theirs)
			sdk().Close()
		}
	}
	bob, err := r.Get(t.Context(), "2")
	if err != nil {
		t.Fatal(err)
	}
	bob.AccessToken = oauth.NewSecret("ours")
	if _, err = r.Save(t.Context(), bob); !errors.Is(err, oauth.ErrConflict) {
		t.Errorf("Save of a row that an SDK changed: %v", err)
	}
	if got := fileText(t, path); got != theirs {
		t.Errorf("the file is\n%s", got)
	}
	r.finds("bob", "theirs")
}

// TestOvertakenForNothing: the SDK is stopped before it writes anything.
func TestOvertakenForNothing(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	sdk := overtaking(r)
	r.saves("bob", "new")
	sdk().Close()
	if got, want := fileText(t, path), strings.Replace(three, "ab,,1795308985119", "new,,", 1); got != want {
		t.Errorf("the file is\n%s", got)
	}
	if waited := time.Duration(r.waits) * pollEvery; waited > patience {
		t.Errorf("waited %v", waited)
	}
	r.finds("bob", "new")
	r.finds("carol", "ac")
}

// TestLockIsWaitedFor: who waits for another writer can be called off, and
// readers do not wait.
func TestLockIsWaitedFor(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r, other := newRig(t, path), newRig(t, path)
	_, unlock, err := other.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*pollEvery)
	defer cancel()
	for method, call := range map[string]func(context.Context) error{
		"Save": func(ctx context.Context) error {
			_, err := r.Save(ctx, oauth.Token{UserName: "alice", Scope: "s"})
			return err
		},
		"Probe": r.Probe,
	} {
		if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s while another writes: %v", method, err)
		}
	}
	r.finds("alice", "aa")
	unlock()
	r.saves("alice", "new")
	// Of one Store, too.
	if _, unlock, err = r.lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := r.Delete(ctx, "1", ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Delete while the same Store writes: %v", err)
	}
}

// TestLockFileIsTheOneThere: a lock on a file that was removed keeps nobody out.
func TestLockFileIsTheOneThere(t *testing.T) {
	path := newFile(t, three, time.Minute)
	file, err := lockFile(t.Context(), path)
	if err != nil || !stillThere(file) {
		t.Fatal(err)
	}
	defer file.Unlock()
	if err := os.RemoveAll(besides(path)); err != nil {
		t.Fatal(err)
	}
	if stillThere(file) {
		t.Error("a removed lock file counts")
	}
	again, err := lockFile(t.Context(), path)
	if err != nil || !stillThere(again) || stillThere(file) {
		t.Errorf("the new lock file: %v", err)
	}
	again.Unlock()
}
