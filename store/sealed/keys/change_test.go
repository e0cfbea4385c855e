package keys_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm/store/sealed/keys"
)

func ids(t testing.TB, file string) (all []keys.ID) {
	t.Helper()
	infos, err := keys.Check(t.Context(), file, keys.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for i, info := range infos {
		if info.Primary != (i == 0) {
			t.Errorf("the primary is not the first of %+v", infos)
		}
		all = append(all, info.ID)
	}
	return all
}

// TestRotate: what an older key made is still opened, and the new one seals.
func TestRotate(t *testing.T) {
	file, first := created(t, keys.Config{})
	set := open(t, file, keys.Config{})
	old, err := set.Ring().Primary().AEAD().Encrypt([]byte("text"), nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := keys.Rotate(t.Context(), file, keys.Config{})
	if err != nil || second == first {
		t.Fatal(second, err)
	}
	if got := ids(t, file); len(got) != 2 || got[0] != second || got[1] != first {
		t.Errorf("got %v, want %d and %d", got, second, first)
	}
	ring := set.Look()
	named, ok := keys.IDOf(old)
	k, known := ring.Key(named)
	if !ok || !known || named != first || ring.Primary().ID() != second {
		t.Fatal("the first key is not there any more, or the second does not seal")
	}
	if text, err := k.AEAD().Decrypt(old, nil); err != nil || string(text) != "text" {
		t.Error(err)
	}
	if _, err := ring.Primary().AEAD().Decrypt(old, nil); err == nil {
		t.Error("another key opens it")
	}
	for _, odd := range [][]byte{nil, {1}, {1, 2, 3, 4}, {0, 1, 2, 3, 4, 5}} {
		if id, ok := keys.IDOf(odd); ok {
			t.Errorf("%v is said to be of key %d", odd, id)
		}
	}
}

// TestAddAndPromote is the rotation of keys that programs get by a variable.
func TestAddAndPromote(t *testing.T) {
	file, first := created(t, keys.Config{})
	second, err := keys.Add(t.Context(), file, keys.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(t, file); len(got) != 2 || got[0] != first {
		t.Errorf("Add made %v", got)
	}
	if err := keys.Promote(t.Context(), file, second, keys.Config{}); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, file); got[0] != second {
		t.Errorf("Promote made %v", got)
	}
	refused(t, keys.Promote(t.Context(), file, 77, keys.Config{}), "there is no key 77")
}

func TestRetire(t *testing.T) {
	now := newClock()
	cfg := keys.Config{Now: now.Now}
	file, first := created(t, cfg)
	second, err := keys.Rotate(t.Context(), file, cfg)
	if err != nil {
		t.Fatal(err)
	}
	rows, broken := 3, error(nil)
	r := keys.Retirement{ID: first, InUse: func(_ context.Context, id keys.ID) (int, error) {
		if id != first {
			t.Errorf("asked for key %d", id)
		}
		return rows, broken
	}}
	retire := func(r keys.Retirement) error { t.Helper(); return keys.Retire(t.Context(), file, r, cfg) }
	refused(t, retire(r), "until a moment ago")
	now.pass(time.Minute)
	refused(t, retire(r), "3 rows need key")
	broken = errors.New("the store is away")
	if err := retire(r); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	refused(t, retire(keys.Retirement{ID: first}), "name the stores")
	refused(t, retire(keys.Retirement{ID: second, Force: true}), "is the primary")
	refused(t, retire(keys.Retirement{ID: 77, Force: true}), "there is no key 77")
	if got := ids(t, file); len(got) != 2 {
		t.Fatalf("a refused retirement left %v", got)
	}
	rows, broken = 0, nil
	if err := retire(r); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, file); len(got) != 1 || got[0] != second {
		t.Errorf("left are %v", got)
	}
	third, err := keys.Rotate(t.Context(), file, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := retire(keys.Retirement{ID: second, Force: true}); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, file); len(got) != 1 || got[0] != third {
		t.Errorf("left are %v", got)
	}
}

func TestRefusePlain(t *testing.T) {
	file, _ := created(t, keys.Config{})
	set := open(t, file, keys.Config{})
	for _, refuse := range []bool{true, false} {
		if err := keys.RefusePlain(t.Context(), file, refuse, keys.Config{}); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Rotate(t.Context(), file, keys.Config{}); err != nil { // which keeps it
			t.Fatal(err)
		}
		if got := set.Look().RefusesPlain(); got != refuse {
			t.Errorf("got %v, want %v", got, refuse)
		}
	}
}

// TestFollows: a changed file is noticed after a second, or when it is asked for;
// one that cannot be read leaves the keys from before, and is told once.
func TestFollows(t *testing.T) {
	now := newClock()
	var log bytes.Buffer
	file, first := created(t, keys.Config{})
	set := open(t, file, keys.Config{Now: now.Now, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	second, err := keys.Rotate(t.Context(), file, keys.Config{})
	if err != nil {
		t.Fatal(err)
	}
	now.pass(999 * time.Millisecond)
	if got := set.Ring().Primary().ID(); got != first {
		t.Error("the file was looked at too early")
	}
	now.pass(time.Millisecond)
	if got := set.Ring().Primary().ID(); got != second {
		t.Error("the rotation was not noticed")
	}
	if same := set.Ring(); same != set.Look() {
		t.Error("an unchanged file was read again")
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []func() error{
		func() error { return os.WriteFile(file, []byte("half"), 0o600) },
		func() error { return os.Remove(file) },
	} {
		log.Reset()
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if set.Look().Primary().ID() != second {
				t.Error("the keys from before are gone")
			}
		}
		if n := strings.Count(log.String(), "cannot be read"); n != 1 {
			t.Errorf("it was told %d times: %s", n, log.String())
		}
	}
	if err := os.WriteFile(file, good, 0o600); err != nil {
		t.Fatal(err)
	}
	third, err := keys.Rotate(t.Context(), file, keys.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if set.Look().Primary().ID() != third {
		t.Error("the mended file was not noticed")
	}
}

// TestRotateAtOnce: of many who rotate at once, nobody's key is lost, while others
// read the file.
func TestRotateAtOnce(t *testing.T) {
	const many = 8
	file, _ := created(t, keys.Config{})
	set := open(t, file, keys.Config{})
	made := make([]keys.ID, many)
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			var err error
			if made[i], err = keys.Rotate(t.Context(), file, keys.Config{}); err != nil {
				t.Error(err)
			}
			if _, ok := set.Look().Key(made[i]); !ok {
				t.Errorf("key %d is not there", made[i])
			}
			if _, err := keys.Open(t.Context(), file, keys.Config{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := ids(t, file); len(got) != many+1 {
		t.Errorf("%d keys are there, want %d", len(got), many+1)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*"))
	hidden, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*"))
	if err != nil || len(left) != 2 || len(hidden) > 0 {
		t.Errorf("left beside the file: %v %v", left, hidden)
	}
}
