package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// place and user of a token, the first line that a follower reads.
type duty struct{ Store, Simulator, User string }

// order is every further line: get a token now.
type order struct {
	Ahead time.Duration // how far the simulator's clock was moved
}

// report answers it.
type report struct {
	Minted bool      // it was this process that asked Zoho
	Began  time.Time // when the token was asked for
	Ended  time.Time // when it was there
	Error  string
}

// follow is a process that runs and needs a token now and then. Its first answer,
// which is empty, says that it is ready.
func follow(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	lines, answers := bufio.NewReader(in), json.NewEncoder(out)
	var d duty
	if err := readLine(lines, &d); err != nil {
		return err
	}
	store, err := open.URL(ctx, d.Store, open.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var w watch
	k, err := keeper(store, d.Simulator, w.offset, &w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	source := k.Source(oauth.Token{UserName: d.User, ClientID: clientID})
	for r := (report{}); ; {
		if err := answers.Encode(r); err != nil {
			return err
		}
		var o order
		switch err := readLine(lines, &o); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		w.ahead.Store(int64(o.Ahead))
		w.minted.Store(false)
		r = report{Began: time.Now()}
		if _, err := source.Token(ctx); err != nil {
			r.Error = err.Error()
		}
		r.Ended, r.Minted = time.Now(), w.minted.Load()
	}
}

// watch is what a follower knows of itself.
type watch struct {
	ahead  atomic.Int64 // nanoseconds
	minted atomic.Bool
}

func (w *watch) offset() time.Duration { return time.Duration(w.ahead.Load()) }

// Observe implements [oauth.Observer].
func (w *watch) Observe(_ context.Context, e oauth.Event) {
	if e.Kind == oauth.EventMint {
		w.minted.Store(true)
	}
}

func readLine(r *bufio.Reader, into any) error {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, into)
}
