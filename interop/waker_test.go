package interop

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"testing"

	"zohocrm"
	"zohocrm/dc"
	"zohocrm/oauth"
)

// wakerJob is what a Go process of its own does with one user's token: each time
// it is told to, it wakes with nothing in memory, gets the token in several
// goroutines at once, and calls the CRM with it.
type wakerJob struct {
	Store, URL string
	User       string
	Goroutines int
}

// wakerReport is what came of waking once.
type wakerReport struct {
	Tokens []string `json:"tokens"` // that were used, each once
	Errors []string `json:"errors"`
}

func startWaker(t *testing.T, job wakerJob) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	return spawn(t, self, nil, wakerEnv+"="+string(text))
}

// wake is what the process does.
func wake(text string, in io.Reader, out io.Writer) error {
	var job wakerJob
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), processTimeout)
	defer cancel()
	home, err := dc.Custom(job.URL, job.URL)
	if err != nil {
		return err
	}
	store, err := openJob(ctx, job.Store)
	if err != nil {
		return err
	}
	defer store.Close()
	if _, ok := oauth.CoordinatorOf(store); !ok {
		return fmt.Errorf("the store %T has no leases", store)
	}
	fmt.Fprintln(out, `{"ready":true}`)
	orders := bufio.NewScanner(in)
	for orders.Scan() {
		report := job.wakeOnce(ctx, store, home)
		if err := json.NewEncoder(out).Encode(map[string]any{"ok": report}); err != nil {
			return err
		}
	}
	return orders.Err()
}

// wakeOnce is what so many programs would do that wake at the same moment: each
// goroutine has a memory of its own, and only the store in common.
func (job wakerJob) wakeOnce(ctx context.Context, store oauth.Store, home dc.DataCenter) wakerReport {
	report := wakerReport{Tokens: []string{}, Errors: []string{}}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range job.Goroutines {
		all.Go(func() {
			token, err := job.callOnce(ctx, store, home)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				report.Errors = append(report.Errors, err.Error())
			} else if !slices.Contains(report.Tokens, token) {
				report.Tokens = append(report.Tokens, token)
			}
		})
	}
	all.Wait()
	return report
}

// callOnce returns the access token that the user's call was made with.
func (job wakerJob) callOnce(ctx context.Context, store oauth.Store, home dc.DataCenter) (token string, err error) {
	client, err := zohocrm.New(ctx, zohocrm.Config{Token: oauth.Token{UserName: job.User}, Store: store, DataCenter: home})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if user, err := client.CRM.Users.Current(ctx); err != nil || user.Email != emailOf(job.User) {
		return "", fmt.Errorf("the CRM saw %q, %w", user.Email, err)
	}
	return client.User.AccessToken.Reveal(), nil
}
