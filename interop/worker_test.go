package interop

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
	"zohocrm/store/open"
)

// workerJob is what a Go process of its own does with a token file or table: it
// saves Count new users, one after the other, and after each looks for one that
// was there before and that nobody touches, and gives a new access token to one
// whom all writers share.
type workerJob struct {
	Store string // URL
	Name  string // new users are called Name0, Name1, and so on
	Count int
	Keep  string
	Share string // "": there is none
	Pause int    // up to so many ms between two saves, as chance has it
}

// workerReport is what came of it.
type workerReport struct {
	Saved   int      `json:"saved"`
	Retried int      `json:"retried"` // saves that the store refused at first, because the file kept changing
	Errors  []string `json:"errors"`
}

// startWorker starts this test program again as a worker. What it is sent
// first, it takes as the order to begin.
func startWorker(t *testing.T, job workerJob) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	return spawn(t, self, nil, workerEnv+"="+string(text))
}

// work is what the worker does.
func work(text string, in io.Reader, out io.Writer) error {
	var job workerJob
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), processTimeout)
	defer cancel()
	store, err := openJob(ctx, job.Store)
	if err != nil {
		return err
	}
	defer store.Close()
	fmt.Fprintln(out, `{"ready":true}`)
	if _, err := bufio.NewReader(in).ReadString('\n'); err != nil {
		return fmt.Errorf("not told to begin: %w", err)
	}
	report := workerReport{Errors: []string{}}
	for i := range job.Count {
		retried, err := saveUser(ctx, store, fmt.Sprintf("%s%d", job.Name, i))
		report.Retried += retried
		if err != nil {
			report.Errors = append(report.Errors, err.Error())
			continue
		}
		report.Saved++
		if _, err := store.Find(ctx, oauth.Token{UserName: job.Keep}); err != nil {
			report.Errors = append(report.Errors, "find a row that nobody touched: "+err.Error())
		}
		if job.Share != "" {
			if _, err := store.Save(ctx, renewed(job.Share, fmt.Sprintf("%s%d", job.Name, i))); err != nil {
				report.Errors = append(report.Errors, "renew what all share: "+err.Error())
			}
		}
		if job.Pause > 0 {
			time.Sleep(rand.N(time.Duration(job.Pause) * time.Millisecond)) // the load, not a synchronisation
		}
	}
	return json.NewEncoder(out).Encode(map[string]any{"ok": report})
}

// closingStore is a store that a process opened.
type closingStore interface {
	oauth.Store
	Close() error
}

// openJob opens a file as who shares it with Node should, or a table.
func openJob(ctx context.Context, storeURL string) (closingStore, error) {
	path, isFile := strings.CutPrefix(storeURL, "csv:")
	if !isFile {
		return open.URL(ctx, storeURL, open.Config{})
	}
	file, err := csvfile.New(csvfile.Config{Path: path, Strict: true})
	return unclosed{file}, err
}

// unclosed is a store that holds nothing open.
type unclosed struct{ oauth.Store }

func (unclosed) Close() error { return nil }

func (s unclosed) Unwrap() oauth.Store { return s.Store }

// renewed is a new access token of a user, whose parts name each other.
func renewed(user, by string) oauth.Token {
	expiry := time.UnixMilli(time.Now().Add(time.Hour).UnixMilli())
	return oauth.Token{UserName: user, AccessToken: oauth.NewSecret(fmt.Sprintf("1000.access.%d.%s", expiry.UnixMilli(), by)), Expiry: expiry}
}

// saveUser saves a user, again if a program keeps rewriting the file.
func saveUser(ctx context.Context, store oauth.Store, name string) (retried int, err error) {
	for ; ; retried++ {
		_, err = store.Save(ctx, userToken(name))
		if !errors.Is(err, oauth.ErrStoreUnavailable) && !errors.Is(err, oauth.ErrCorrupt) || retried == 3 {
			return retried, err
		}
	}
}

// userToken is a whole token of a user who exists in no simulator.
func userToken(name string) oauth.Token {
	token, err := userRow(name).Token()
	if err != nil {
		panic(err) // the row is a constant but for the name
	}
	token.Version = "" // it was never stored
	return token
}

func userRow(name string) oauth.Row {
	return oauth.Row{
		UserName: name, ClientID: clientID, ClientSecret: clientSecret,
		RefreshToken: "1000.refresh." + name, AccessToken: "1000.access." + name,
		ExpiryTime: "1795308985119", APIDomain: "https://www.zohoapis.com",
	}
}
