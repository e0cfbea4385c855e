package keys_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
	"go.uber.org/goleak"

	"zohocrm/store/sealed/keys"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(childFile); file != "" {
		child(file)
		return
	}
	goleak.VerifyTestMain(m)
}

// created is a new key file and the ID of its key.
func created(t testing.TB, cfg keys.Config) (file string, id keys.ID) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "zcrm.keys")
	id, err := keys.Create(t.Context(), file, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return file, id
}

func open(t testing.TB, source string, cfg keys.Config) *keys.Set {
	t.Helper()
	set, err := keys.Open(t.Context(), source, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// refused wants an error that wraps ErrUnusable and says what is wrong.
func refused(t testing.TB, err error, says string) {
	t.Helper()
	if !errors.Is(err, keys.ErrUnusable) || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v, want it to wrap ErrUnusable and to say %q", err, says)
	}
}

// clock is a clock that is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2031, 3, 4, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

func TestCreate(t *testing.T) {
	file, id := created(t, keys.Config{Now: newClock().Now})
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = keys.Create(t.Context(), file, keys.Config{})
	refused(t, err, "it is there already")
	if after, _ := os.ReadFile(file); !bytes.Equal(before, after) {
		t.Fatal("the file was written over")
	}
	for _, source := range []string{file, "file:" + file} {
		all, err := keys.Check(t.Context(), source, keys.Config{})
		if err != nil || !slices.Equal(all, []keys.Info{{ID: id, Primary: true, Created: newClock().now}}) {
			t.Errorf("%s: %+v, %v", source, all, err)
		}
	}
	parsed, err := keys.ParseID(id.String())
	if err != nil || parsed != id {
		t.Errorf("ParseID: %v, %v", parsed, err)
	}
	for _, text := range []string{"", "0", "-1", "x", "4294967296", "1.0"} {
		if _, err := keys.ParseID(text); err == nil {
			t.Errorf("ParseID takes %q", text)
		}
	}
	missing := filepath.Join(t.TempDir(), "missing")
	_, err = keys.Create(t.Context(), filepath.Join(missing, "keys"), keys.Config{})
	refused(t, err, "there is no folder "+missing+": make it first")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := keys.Create(ended, filepath.Join(t.TempDir(), "keys"), keys.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}

// TestNoKeys: whatever is not a source of keys is an error, and never no keys.
func TestNoKeys(t *testing.T) {
	for source, says := range map[string]string{
		"": "no source of keys was named", "env:": "no source of keys was named", "file:": "no source of keys was named",
		"env:MISSING": "variable MISSING: it is not set", "env:EMPTY": "it is not set",
		"env:ODD": "it is not base64", "env:OTHER": "not a document",
		filepath.Join(t.TempDir(), "missing"): "see that the path is right, or make new keys", t.TempDir(): "it is not a file",
	} {
		set, err := keys.Open(t.Context(), source, keys.Config{LookupEnv: func(name string) (string, bool) {
			v, ok := map[string]string{"EMPTY": "", "ODD": "s3cret s3cret!", "OTHER": base64.StdEncoding.EncodeToString([]byte(`{"s3cret":1}`))}[name]
			return v, ok
		}})
		refused(t, err, says)
		if set != nil || strings.Contains(fmt.Sprint(err), "s3cret") {
			t.Errorf("%s: %v, %v", source, set, err)
		}
	}
}

// TestMissingFile: whoever changes keys that are not there is told so, too, and
// nothing is made.
func TestMissingFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "zcrm.keys")
	for name, change := range changes {
		err := change(t.Context(), file)
		refused(t, err, "see that the path is right, or make new keys")
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left := beside(t, file); len(left) > 0 {
		t.Errorf("there are %q", left)
	}
}

func TestEnvironment(t *testing.T) {
	file, id := created(t, keys.Config{})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	encoded := base64.StdEncoding.EncodeToString(text)
	wrapped := encoded[:76] + "\n" + encoded[76:] + "\n" // as base64 prints it
	for _, value := range []string{encoded, wrapped} {
		t.Setenv("ZCRM_TEST_KEYS", value)
		if got := open(t, "env:ZCRM_TEST_KEYS", keys.Config{}).Ring().Primary().ID(); got != id {
			t.Errorf("got key %d, want %d", got, id)
		}
	}
	_, err = keys.Rotate(t.Context(), "env:ZCRM_TEST_KEYS", keys.Config{})
	refused(t, err, "a variable cannot be written")
	_, err = keys.Create(t.Context(), "env:ZCRM_TEST_KEYS", keys.Config{})
	refused(t, err, "a variable cannot be written")
}

// TestDamaged cuts and alters a document: it is refused, and never echoed.
func TestDamaged(t *testing.T) {
	file, _ := created(t, keys.Config{})
	if _, err := keys.Rotate(t.Context(), file, keys.Config{}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	for name, damaged := range map[string]string{
		"empty": "", "cut": good[:len(good)/2], "twice": good + good, "not JSON": "x" + good, "large": good + strings.Repeat(" ", 1<<20),
		"another format":  strings.Replace(good, "zcrm-keys-1", "zcrm-keys-2", 1),
		"a new demand":    strings.Replace(good, `"keys":`, `"demand": true, "keys":`, 1),
		"no AES-SIV":      strings.Replace(good, `"aes_siv"`, `"aes_gcm"`, 1),
		"halves swapped":  strings.NewReplacer(`"aes_siv"`, `"aes_gcm"`, `"aes_gcm"`, `"aes_siv"`).Replace(good),
		"disabled":        strings.Replace(good, "ENABLED", "DISABLED", 1),
		"another primary": strings.Replace(good, `"primaryKeyId"`, `"primaryKeyID_"`, 1),
		"without prefix":  strings.Replace(good, `"TINK"`, `"RAW"`, 1),
	} {
		if damaged == good {
			t.Fatalf("%s: nothing was changed", name)
		}
		if err := os.WriteFile(file, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := keys.Open(t.Context(), file, keys.Config{})
		refused(t, err, "it is not a document that")
		_, err = keys.Rotate(t.Context(), file, keys.Config{})
		refused(t, err, "it is not a document that")
		if after, _ := os.ReadFile(file); string(after) != damaged {
			t.Errorf("%s: it was written over", name)
		}
	}
}

// TestNothingPrinted: no verb and no log shows a key.
func TestNothingPrinted(t *testing.T) {
	file, id := created(t, keys.Config{})
	set := open(t, file, keys.Config{})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var secrets []string
	for _, part := range strings.Split(string(text), `"value": "`)[1:] {
		value, _, _ := strings.Cut(part, `"`)
		raw, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, value[8:40], fmt.Sprint(raw[8:20])[1:30], fmt.Sprintf("%x", raw[8:20]))
	}
	if len(secrets) < 6 {
		t.Fatal("the file was not understood")
	}
	var b bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&b, nil))
	for _, v := range []any{set, *set.Ring(), set.Ring(), set.Ring().Primary(), *set.Ring().Primary(), set.Ring().Keys(), struct{ s *keys.Set }{set}, struct{ k keys.Key }{*set.Ring().Primary()}} {
		fmt.Fprintf(&b, "%v %+v %#v %s %x %d\n", v, v, v, v, v, v)
		logger.Info("x", "v", v)
	}
	for _, s := range secrets {
		if strings.Contains(b.String(), s) {
			t.Error("a key was printed")
		}
	}
	if !strings.Contains(b.String(), id.String()) {
		t.Error("its ID was not")
	}
}

// wrapper stands for a key management service.
type wrapper struct {
	tink.AEAD
	calls int
	err   error
}

func (w *wrapper) Decrypt(text, about []byte) ([]byte, error) {
	if w.calls++; w.err != nil {
		return nil, w.err
	}
	return w.AEAD.Decrypt(text, about)
}

func newWrapper(t testing.TB) *wrapper {
	t.Helper()
	set, err := keys.Temporary()
	if err != nil {
		t.Fatal(err)
	}
	return &wrapper{AEAD: set.Ring().Primary().AEAD()}
}

func TestWrapped(t *testing.T) {
	w := newWrapper(t)
	cfg := keys.Config{Wrap: w}
	file, id := created(t, cfg)
	if _, err := keys.Rotate(t.Context(), file, cfg); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil || bytes.Contains(text, []byte("AesSiv")) || bytes.Contains(text, []byte(id.String())) {
		t.Errorf("the document is not wrapped: %v", err)
	}
	set := open(t, file, cfg)
	calls := w.calls
	for range 10 {
		set.Ring()
		set.Look()
	}
	if _, ok := set.Ring().Key(id); !ok || w.calls != calls {
		t.Errorf("the service was asked %d times more", w.calls-calls)
	}
	_, err = keys.Open(t.Context(), file, keys.Config{})
	refused(t, err, "it is wrapped")
	_, err = keys.Open(t.Context(), file, keys.Config{Wrap: newWrapper(t)})
	refused(t, err, "unwrapping failed")
	down := errors.New("the service is down")
	_, err = keys.Open(t.Context(), file, keys.Config{Wrap: &wrapper{AEAD: w.AEAD, err: down}})
	if !errors.Is(err, down) {
		t.Errorf("got %v", err)
	}
	// What somebody put in its place in plain text is not taken.
	plain, _ := created(t, keys.Config{})
	_, err = keys.Open(t.Context(), plain, cfg)
	refused(t, err, "it is not wrapped")
}
