package csvfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

// TestTornIsWaitedFor: an SDK rewrites the file while it is read. Whatever piece
// of it is there, nobody is told that a user is missing, and no write is made of
// a piece.
//
// Defects: D14.
func TestTornIsWaitedFor(t *testing.T) {
	firstRow := strings.Index(three, "2,bob")
	for name, cut := range map[string]int{
		"nothing": 0, "half a header": 30, "header without its line end": len(header) - 1, "header": len(header),
		"half a row": firstRow - 40, "row without its line end": firstRow - 1, "whole rows": firstRow, "all but the line end": len(three) - 1,
		"part of the last column": len(three) - 6,
	} {
		for _, knows := range []bool{true, false} {
			for _, slow := range []int{1, 3} { // steps between two writes: 10 and 30 ms
				t.Run(fmt.Sprint(name, knows, slow), func(t *testing.T) {
					t.Parallel()
					path := newFile(t, three, time.Minute)
					r := newRig(t, path)
					if knows {
						r.finds("carol", "ac")
					}
					begin := func() {
						r.waits = 0
						r.rewrite(three[:cut])
					}
					r.during = func(wait int) {
						if wait == slow {
							r.extend(three[cut:])
						}
					}
					begin()
					r.finds("carol", "ac")
					begin()
					r.saves("alice", "new")
					if got, want := fileText(t, path), strings.Replace(three, "aa,,1795308985119", "new,,", 1); got != want {
						t.Errorf("the file is\n%s want\n%s", got, want)
					}
				})
			}
		}
	}
}

// TestSlowRewriteIsWaitedFor: a program that takes long over each row is waited
// for by who knows that there were more rows, be it from side.log only.
func TestSlowRewriteIsWaitedFor(t *testing.T) {
	path := newFile(t, three, time.Minute)
	newRig(t, path).saves("alice", "new")
	whole := fileText(t, path)
	r := newRig(t, path)
	rest := strings.SplitAfter(whole, "\n")
	r.rewrite(rest[0])
	r.during = func(wait int) {
		if wait%20 == 0 && wait/20 < len(rest) { // every 200 ms
			r.extend(rest[wait/20])
		}
	}
	r.finds("carol", "ac")
	if r.waits < 60 {
		t.Errorf("carol was found after %d waits, before she was written", r.waits)
	}
}

// TestFewerRowsAreBelieved: an SDK that did delete a token is believed in the end.
func TestFewerRowsAreBelieved(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	r.finds("carol", "ac")
	r.rewrite(three[:strings.Index(three, "3,carol")])
	r.finds("bob", "ab")
	if r.waits != 0 {
		t.Errorf("a row that is there was waited for")
	}
	if _, err := r.Find(t.Context(), oauth.Token{UserName: "carol"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find of a deleted user: %v", err)
	}
	if waited := time.Duration(r.waits) * pollEvery; waited < quietFewer/2 || waited > patience {
		t.Errorf("waited %v", waited)
	}
	r.waits = 0
	r.saves("bob", "new")
	if r.waits != 0 {
		t.Errorf("waited again")
	}
}

// TestDamageStays: what cannot be read is reported by its place, after a bounded
// wait, and nothing is written over it.
func TestDamageStays(t *testing.T) {
	for name, c := range map[string]struct{ content, place string }{
		"cut in a row":       {three[:len(three)-40], "line 4 of "},
		"cut in a quote":     {header + "1,alice,c,\"SECRET", "line 2 of "},
		"quote over lines":   {header + "1,alice,c,\"SECRET\nx\",ra,aa,,1,,\n", "line 2 of "},
		"NUL bytes":          {header + "1,alice,c,SECRET\x00,ra,aa,,1,,\n", "line 2 of "},
		"one column":         {header + "SECRET\n", "line 2 of "},
		"nothing":            {"", "tokens.csv"},
		"blank lines":        {"\n,,,,,,,,,\n", "tokens.csv"},
		"another file":       {"root:x:0:0:SECRET:/root:/bin/sh\n", "line 1 of "},
		"another CSV file":   {"name,mail,phone\nSECRET,b@x,3\n", "line 1 of "},
		"another wide table": {"a,b,c,d,e,f,g,h,i,j,k,l\nSECRET,2,3,4,5,6,7,8,9,10,11,12\n", "line 1 of "},
		"header cut":         {header[:50], "line 1 of "},
		"header cut to nine": {header[:strings.LastIndex(header, ",")], "line 1 of "},
	} {
		for _, age := range []time.Duration{0, time.Minute} {
			t.Run(fmt.Sprint(name, age), func(t *testing.T) {
				t.Parallel()
				path := newFile(t, three, time.Minute)
				r := newRig(t, path)
				r.finds("carol", "ac")
				r.rewrite(c.content)
				r.setAge(age)
				for method, call := range map[string]func() error{
					"Find": func() error { _, err := r.Find(t.Context(), oauth.Token{UserName: "dave"}); return err },
					"List": func() error { _, err := oauth.All(t.Context(), r); return err },
					"Save": func() error {
						_, err := r.Save(t.Context(), oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("x")})
						return err
					},
					"Delete":    func() error { return r.Delete(t.Context(), "1", "") },
					"DeleteAll": func() error { return r.DeleteAll(t.Context()) },
					"Probe":     func() error { return r.Probe(t.Context()) },
				} {
					r.waits = 0
					err := call()
					var corrupt *oauth.CorruptError
					if !errors.As(err, &corrupt) || !strings.Contains(corrupt.Place, c.place) || !strings.HasSuffix(corrupt.Place, path) {
						t.Errorf("%s: %v", method, err)
					}
					if strings.Contains(fmt.Sprint(err), "SECRET") {
						t.Errorf("%s: the error echoes the file: %v", method, err)
					}
					// A file that is empty may just have been cut, whatever its time says.
					if waited := time.Duration(r.waits) * pollEvery; waited > patience || age > 0 && waited > quiet && c.content != "" {
						t.Errorf("%s waited %v", method, waited)
					}
				}
				if got := fileText(t, path); got != c.content {
					t.Errorf("the file was changed to %q", got)
				}
				// Mended by hand, all is well at once.
				r.rewrite(three)
				r.setAge(time.Minute)
				r.finds("carol", "ac")
			})
		}
	}
}

// TestCutWithOldTime: a file that was just cut to nothing has for a moment its
// new size and its old time.
func TestCutWithOldTime(t *testing.T) {
	for _, knows := range []bool{true, false} {
		r := newRig(t, newFile(t, three, time.Minute))
		if knows {
			r.finds("carol", "ac")
		}
		r.rewrite("")
		r.setAge(time.Minute)
		r.during = func(wait int) {
			if wait == 2 {
				r.rewrite(three)
			}
		}
		r.finds("carol", "ac")
	}
}

// TestWaitObeysContext: who waits for a file to become whole can be called off.
func TestWaitObeysContext(t *testing.T) {
	path := newFile(t, "", 0)
	r := newRig(t, path)
	r.setAge(0)
	ctx, cancel := context.WithCancel(t.Context())
	r.during = func(wait int) {
		if wait == 3 {
			cancel()
		}
	}
	if _, err := r.Find(ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, context.Canceled) || r.waits != 3 {
		t.Errorf("after %d waits: %v", r.waits, err)
	}
}

// TestEmptyFile: an empty file is a new one if it has been empty for a while and
// no token is known to have been in it.
func TestEmptyFile(t *testing.T) {
	path := newFile(t, "", 10*time.Second)
	r := newRig(t, path)
	if _, err := r.Find(t.Context(), oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find in a new file: %v", err)
	}
	r.saves("alice", "a")
	r.finds("alice", "a")
	r.rewrite("")
	r.setAge(time.Hour)
	for _, r := range []*rig{r, newRig(t, path)} { // one that knows, and one that has only side.log
		if _, err := r.Find(t.Context(), oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrCorrupt) {
			t.Errorf("Find in a file that was emptied: %v", err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Find(t.Context(), oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find without a file: %v", err)
	}
	if saved, err := r.Save(t.Context(), oauth.Token{UserName: "bob", RefreshToken: oauth.NewSecret("r")}); err != nil || saved.ID != "2" {
		t.Errorf("Save without a file: id %q, %v; want 2, as 1 was given", saved.ID, err)
	}
}

// TestRewrittenAllTheTime: a program that never stops writing.
func TestRewrittenAllTheTime(t *testing.T) {
	path := newFile(t, three, time.Minute)
	r := newRig(t, path)
	r.finds("carol", "ac")
	content := three
	r.during = func(int) { r.rewrite(content) }
	r.during(0)
	if _, err := r.Find(t.Context(), oauth.Token{UserName: "dave"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find of nobody in a file with all its rows: %v", err)
	}
	r.saves("alice", "new")
	r.finds("alice", "new")
	// With rows missing it could be a piece of the file at any time.
	content = three[:strings.Index(three, "3,carol")]
	r.during(0)
	for method, call := range map[string]func() error{
		"Find": func() error { _, err := r.Find(t.Context(), oauth.Token{UserName: "carol"}); return err },
		"Save": func() error {
			_, err := r.Save(t.Context(), oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret("x")})
			return err
		},
	} {
		if err := call(); !errors.Is(err, oauth.ErrStoreUnavailable) || errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("%s in a file that misses rows and changes all the time: %v", method, err)
		}
	}
	if fileText(t, path) != content {
		t.Error("a piece of the file was written over")
	}
}
