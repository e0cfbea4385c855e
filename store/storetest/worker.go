package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"testing"

	"zohocrm/oauth"
)

// The environment by which a copy of the test binary knows that it is a worker.
const (
	workerTask     = "STORETEST_TASK"
	workerLocation = "STORETEST_LOCATION"
	workerNumber   = "STORETEST_NUMBER"
)

// The tasks of workers.
const (
	taskTogether = "together" // write at the same time as seven others, then end
	taskForever  = "forever"  // write until killed
	taskContest  = "contest"  // ask for the leases that seven others ask for, and live until killed
	taskHold     = "hold"     // keep a lease, and take and give back others, until killed
)

// What each worker of taskTogether does.
const (
	ownUsers   = 5
	increments = 5
)

// worker is one copy of the test binary. It tells its parent what happened in
// reports on its standard output, and begins when its standard input ends.
type worker struct {
	task, location string
	number         int
}

func workerOf(getenv func(string) string) (worker, bool) {
	number, err := strconv.Atoi(getenv(workerNumber))
	return worker{getenv(workerTask), getenv(workerLocation), number}, err == nil && getenv(workerTask) != ""
}

func (w worker) environ() []string {
	env := os.Environ()
	if os.Getenv("GORACE") == "" {
		env = append(env, "GORACE=atexit_sleep_ms=0") // else each sleeps a second at its end under -race
	}
	return append(env, workerTask+"="+w.task, workerLocation+"="+w.location, workerNumber+"="+strconv.Itoa(w.number))
}

// work is what Run does in a worker.
func (w worker) work(t *testing.T, b Backend) {
	t.Helper()
	report{kind: reportReady}.print(os.Stdout)
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Fatalf("storetest: waiting for the start: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := w.run(ctx, b); err != nil {
		report{reportFailed, "", err.Error()}.print(os.Stdout)
		return // the parent says it
	}
	report{kind: reportDone}.print(os.Stdout)
}

func (w worker) run(ctx context.Context, b Backend) (err error) {
	s, err := b.OpenAt(ctx, w.location)
	if err != nil {
		return fmt.Errorf("OpenAt: %w", err)
	}
	defer func() { err = errors.Join(err, closeStore(s)) }()
	switch w.task {
	case taskTogether:
		return w.together(ctx, s)
	case taskForever:
		return w.forever(ctx, s)
	}
	if c, ok := oauth.CoordinatorOf(s); ok {
		l := leases{fixture: &fixture{ctx: ctx}, c: c}
		switch w.task {
		case taskContest:
			return w.contest(l)
		case taskHold:
			return w.hold(l)
		}
	}
	return fmt.Errorf("unknown task %q", w.task)
}

// save reports the ID that a row got.
func (w worker) save(ctx context.Context, s oauth.Store, kind string, t oauth.Token) (oauth.Token, error) {
	row, err := s.Save(ctx, t)
	if err != nil {
		return row, fmt.Errorf("Save of %s: %w", kind, err)
	}
	report{kind, row.ID, row.UserName}.print(os.Stdout)
	return row, nil
}

func (w worker) together(ctx context.Context, s oauth.Store) error {
	// One user, seen by all for the first time.
	if _, err := w.save(ctx, s, reportShared, w.token("shared")); err != nil {
		return err
	}
	// Users of its own.
	for i := range ownUsers {
		if _, err := w.save(ctx, s, reportOwn, w.own(i)); err != nil {
			return err
		}
	}
	// A user who comes and goes.
	row, err := w.save(ctx, s, reportGone, w.token(fmt.Sprint("gone", w.number)))
	if err != nil {
		return err
	}
	if err := s.Delete(ctx, row.ID, row.Version); err != nil {
		return fmt.Errorf("Delete: %w", err)
	}
	// A login whose user turns out to be the same in all workers.
	login := w.token("")
	login.RefreshToken = secret(fmt.Sprint("login", w.number))
	if row, err = w.save(ctx, s, reportGone, login); err != nil {
		return err
	}
	if _, err := w.save(ctx, s, reportNamed, oauth.Token{ID: row.ID, Version: row.Version, UserName: "named"}); err != nil {
		return err
	}
	// A count that all keep together.
	row, err = w.save(ctx, s, reportCounter, counter())
	for range increments {
		if err == nil {
			err = increment(ctx, s, row.ID)
		}
	}
	return err
}

// counter is the row in which all count; it comes without a count, so that
// nobody sets it back.
func counter() oauth.Token {
	return oauth.Token{UserName: "counter", RefreshToken: secret("counter")}
}

// forever saves one user after the other and reports each as soon as Save has
// promised that it happened.
func (w worker) forever(ctx context.Context, s oauth.Store) error {
	for i := 0; ; i++ {
		if _, err := w.save(ctx, s, reportOwn, w.own(i)); err != nil {
			return err
		}
	}
}

// token is a token of this worker for a user.
func (w worker) token(user string) oauth.Token {
	t := nameless(fmt.Sprint(user, ".", w.number))
	t.UserName = user
	return t
}

// killed: the worker ends only by being killed.
func (w worker) killed() bool { return w.task != taskTogether }

func (w worker) own(i int) oauth.Token { return w.token(fmt.Sprintf("own%d.%d", w.number, i)) }
