package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

// Environment of a copy of the test binary, and its tasks.
const (
	workerTask   = "SQLITE_TEST_TASK"
	workerPath   = "SQLITE_TEST_PATH"
	workerNumber = "SQLITE_TEST_NUMBER"

	taskSave  = "save"  // save eachSaves users
	taskShare = "share" // save one user of all processes, and look at it
	taskOpen  = "open"  // open the store and save one user
	taskLook  = "look"  // open the store to be read

	processes = 8
	eachSaves = 200
)

// work is a copy's task. It begins when its standard input ends.
func work(task string) int {
	var wait [1]byte
	os.Stdin.Read(wait[:])
	if err := doWork(task, os.Getenv(workerPath), os.Getenv(workerNumber)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func doWork(task, path, number string) error {
	ctx := context.Background()
	if task == taskLook {
		db, err := sql.Open("sqlite", sqlite.DSN(sqlite.Memory))
		if err != nil {
			return err
		}
		defer db.Close()
		_, _, err = sqlite.Look(ctx, db, path, sqlite.Config{})
		return err
	}
	s, err := openAt(ctx, path, sqlite.Config{})
	if err != nil {
		return err
	}
	defer s.Close()
	saves := map[string]int{taskSave: eachSaves, taskShare: eachSaves / 4, taskOpen: 1}[task]
	for i := range saves {
		token := user(fmt.Sprintf("user %d of process %s", i, number))
		if task == taskShare {
			token = user("everybody")
			token.AccessToken = oauth.NewSecret(fmt.Sprintf("%d of %s", i, number))
			token.Scope = token.AccessToken.Reveal()
		}
		saved, err := s.Save(ctx, token)
		if err != nil {
			return fmt.Errorf("save %d: %w", i, err)
		}
		got, err := s.Get(ctx, saved.ID)
		if err != nil {
			return fmt.Errorf("get %d: %w", i, err)
		}
		if task == taskShare && got.Scope != got.AccessToken.Reveal() {
			return fmt.Errorf("save %d: side data %q beside access token %q", i, got.Scope, got.AccessToken.Reveal())
		}
		if task != taskShare && got != saved {
			return fmt.Errorf("save %d: %v was saved and %v is there", i, saved, got)
		}
	}
	return nil
}

// together runs the task in all processes at the same time.
func together(t *testing.T, task, path string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var start []func() error
	for i := range processes {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), workerTask+"="+task, workerPath+"="+path, fmt.Sprint(workerNumber, "=", i))
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		start = append(start, in.Close)
		all.Go(func() {
			if err := cmd.Wait(); err != nil {
				t.Errorf("process %d: %v: %s", i, err, strings.TrimSpace(said.String()))
			}
		})
	}
	for _, begin := range start {
		begin()
	}
	all.Wait()
}

// TestProcessesLoseNothing: eight programs save 200 users each, on a store that
// the first of them makes. None gets an error, and every user is there.
func TestProcessesLoseNothing(t *testing.T) {
	path := newPath(t)
	together(t, taskSave, path)
	ids := map[string]bool{}
	users := map[string]bool{}
	for row, err := range open(t, path).List(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		ids[row.ID], users[row.UserName] = true, true
	}
	if want := processes * eachSaves; len(ids) != want || len(users) != want {
		t.Errorf("%d IDs and %d users are there, want %d", len(ids), len(users), want)
	}
}

// TestProcessesShareARow: eight programs save one user. It keeps one row, and
// nobody ever sees one's access token beside another's side data.
func TestProcessesShareARow(t *testing.T) {
	path := newPath(t)
	together(t, taskShare, path)
	all, err := oauth.All(context.Background(), open(t, path))
	if err != nil || len(all) != 1 || all[0].Scope != all[0].AccessToken.Reveal() {
		t.Errorf("the store holds %v, %v", all, err)
	}
}

// TestProcessesOpenTogether: eight programs make the store at the same moment, the
// switch to the write-ahead log included, several times.
func TestProcessesOpenTogether(t *testing.T) {
	for range 5 {
		path := newPath(t)
		together(t, taskOpen, path)
		all, err := oauth.All(context.Background(), open(t, path))
		if err != nil || len(all) != processes {
			t.Errorf("%d users are there, %v; want %d", len(all), err, processes)
		}
	}
}
