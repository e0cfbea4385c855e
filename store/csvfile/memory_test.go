package csvfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

// manyRows is a file of n users with values as long as Zoho's.
func manyRows(n int) string {
	var text strings.Builder
	text.WriteString(header)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&text, "%d,user%d@example.com:70000%06d,1000.ABCDEFGHIJKLMNOPQRSTUVWXYZ0123,%042d,1000.%032d.%032d,1000.%032d.%032d,,1795308985119,https://example.com/callback,https://www.zohoapis.com\n",
			i, i, i, i, i, i, i, i+1)
	}
	return text.String()
}

// heap is what is in use now, in bytes.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what the first has left to finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestMemory: a file is in memory once, with half as much again for its index,
// however many of its tokens were listed or looked up.
func TestMemory(t *testing.T) {
	const n = 40_000
	text := manyRows(n)
	size := int64(len(text))
	path := filepath.Join(t.TempDir(), "tokens.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Now(), time.Now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	text = ""
	before := heap()
	s, err := New(Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	within := func(what string, most int64) {
		t.Helper()
		if used := heap() - before; used > most {
			t.Errorf("%s: %d MB in use for a file of %d MB, want %d at the most", what, used>>20, size>>20, most>>20)
		}
		runtime.KeepAlive(s)
	}
	ask := func(i int) oauth.Token {
		return oauth.Token{UserName: fmt.Sprintf("user%d@example.com:70000%06d", i, i)}
	}
	if _, err := s.Find(t.Context(), ask(1)); err != nil {
		t.Fatal(err)
	}
	within("read", size*7/4)
	for _, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := 1; i <= n; i += 100 {
		var some []oauth.Token
		for j := range 100 {
			some = append(some, ask(i+j))
		}
		found, errs := s.FindMany(t.Context(), some)
		if err := errors.Join(errs...); err != nil || found[99].UserName != some[99].UserName {
			t.Fatal(found[99], err)
		}
	}
	within("listed", size*9/4)
	for i := 1; i <= n; i++ {
		if _, err := s.Find(t.Context(), ask(i)); err != nil {
			t.Fatal(err)
		}
	}
	const kept = 1200 // bytes of a row as a token, about
	within("found one by one", size*7/4+mostKept*kept)
	made := 0
	for _, r := range s.view.table.rows {
		if r.made.Load() != nil {
			made++
		}
	}
	if made == 0 || made > mostKept {
		t.Errorf("%d rows are kept as tokens, want %d at the most", made, mostKept)
	}
}

// TestRowsOfTheirOwn: a row that stays while another program writes the file again
// and again does not keep what that wrote.
func TestRowsOfTheirOwn(t *testing.T) {
	const n = 2000
	text := manyRows(n)
	tab, err := parse("f", text, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	for round := range 50 {
		// Each time another row is changed, so that some rows of every file stay.
		at := fmt.Sprintf("\n%d,user", round+2)
		text = strings.Replace(text, at, at+"x", 1)
		if tab, err = parse("f", strings.Clone(text), 0, tab); err != nil {
			t.Fatal(err)
		}
	}
	if used := heap() - before; used > 2*int64(len(text)) {
		t.Errorf("%d kB are kept of a file of %d kB", used>>10, len(text)>>10)
	}
	runtime.KeepAlive(tab)
}

// TestLateHeader: rows before the header with the most columns read like those
// behind it.
func TestLateHeader(t *testing.T) {
	wide := strings.TrimSuffix(header, "\n") + ",note\n"
	const first, second = "1,alice,c,s,ra,aa,,,,d,", "2,bob,c,s,rb,ab,,,,d,hello\n"
	got, err := parse("f", header+first[:len(first)-1]+"\n"+wide+second, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := parse("f", wide+first+"\n"+second, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, want)
	if len(got.extra) != 1 || got.rows[0].line != first+"\n" {
		t.Errorf("%q, %q", got.extra, got.rows[0].line)
	}
}

// TestHolds: a file that differs in anything is told from what was read.
func TestHolds(t *testing.T) {
	for _, size := range []int{0, 1, readSize - 1, readSize, readSize + 1, 3*readSize + 7} {
		text := strings.Repeat("0123456789abcdef", size/16+1)[:size]
		others := []string{text + "x"}
		if size > 0 {
			others = append(others, text[:size-1], "x"+text[1:], text[:size-1]+"x")
		}
		path := filepath.Join(t.TempDir(), "f")
		v := newView(path)
		for i, stands := range append(others, text) {
			if err := os.WriteFile(path, []byte(stands), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			same, err := holds(f, v.seed, digestOf(v.seed, text))
			if err != nil || same != (i == len(others)) {
				t.Errorf("size %d, case %d: %v, %v", size, i, same, err)
			}
			if read, err := content(f, 0); err != nil || read != stands {
				t.Errorf("size %d, case %d: read %d bytes, %v", size, i, len(read), err)
			}
			f.Close()
		}
	}
}
