package csvfile_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"zohocrm/oauth"
)

// sdk is a program that keeps its own user's token in a shared file the way the
// official SDKs do: it reads everything, cuts the file to nothing and writes it
// anew, in two pieces, without a lock.
type sdk struct {
	path  string
	count int
}

// refresh stores the next access token of the SDK's user. It reports a loss: a
// file it cannot read, or one without what it wrote last. That may be missing
// for a moment only, while it is being saved from a file that was replaced.
func (k *sdk) refresh(gap time.Duration) error {
	var rows [][]string
	for late := 0; ; late++ {
		data, err := os.ReadFile(k.path)
		if err != nil {
			return err
		}
		rows, err = csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil || len(rows) < 101 {
			return fmt.Errorf("the SDK reads %d rows, %v", len(rows), err)
		}
		if rows[1][5] == strconv.Itoa(k.count) {
			break
		}
		if late == 500 {
			return fmt.Errorf("the SDK wrote access token %d and reads %s", k.count, rows[1][5])
		}
		time.Sleep(10 * time.Millisecond)
	}
	own := rows[1]
	k.count++
	own[5] = strconv.Itoa(k.count)
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		return err
	}
	f, err := os.OpenFile(k.path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	half := bytes.Index(b.Bytes()[b.Len()/2:], []byte("\n")) + 1 + b.Len()/2 // whole rows, the worst case
	f.Write(b.Bytes()[:half])
	time.Sleep(gap)
	_, err = f.Write(b.Bytes()[half:])
	return err
}

// TestBesideSDK: while an SDK writes to the same file at its own pace, no write
// of this package undoes what the SDK wrote, and no row is lost. The other way
// round nobody can help: the SDK writes what it read a while ago.
func TestBesideSDK(t *testing.T) {
	path := crowdFile(t, 100)
	if err := os.WriteFile(path, bytes.Replace([]byte(read(t, path)), []byte("r.0,a,"), []byte("r.0,0,"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	// It has seen the file whole: of one that it sees for the first time when the SDK is
	// stopped in the middle of writing, it cannot know what is missing.
	rowsOfUsers(t, s)
	done := make(chan error)
	go func() {
		k := &sdk{path: path}
		for range 25 {
			if err := k.refresh(rand.N(20 * time.Millisecond)); err != nil {
				done <- err
				return
			}
			time.Sleep(rand.N(60 * time.Millisecond)) // the SDK's pace
		}
		done <- nil
	}()
	for i := 0; ; i++ {
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("after %d Saves: %v", i, err)
			}
			if n := len(rowsOfUsers(t, s)); n != 100 {
				t.Errorf("%d users, want 100", n)
			}
			return
		default:
		}
		token := oauth.Token{UserName: fmt.Sprint("user", 1+i%99), RefreshToken: oauth.NewSecret(fmt.Sprint("r.", 1+i%99)), AccessToken: oauth.NewSecret(fmt.Sprint("new", i))}
		if _, err := s.Save(t.Context(), token); err != nil && !errors.Is(err, oauth.ErrStoreUnavailable) {
			t.Errorf("Save %d: %v", i, err)
		}
	}
}

func rowsOfUsers(t *testing.T, s oauth.Store) map[string]bool {
	t.Helper()
	users := map[string]bool{}
	for token, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		users[token.UserName] = true
	}
	return users
}
