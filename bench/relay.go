package main

import (
	"context"
	"errors"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
)

// relay stands between a store and its server and counts round trips: how often the
// store speaks after the server has spoken.
type relay struct {
	server   string
	listener net.Listener
	trips    atomic.Int64
	all      sync.WaitGroup

	mu   sync.Mutex
	open []net.Conn
}

// through gives the URL of a store with a relay on the way to its server.
func (k *kit) through(ctx context.Context, storeURL string) (string, *relay, error) {
	u, err := url.Parse(storeURL)
	if err != nil {
		return "", nil, errors.New("the server's address is no URL") // the error would show the password
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	r := &relay{server: u.Host, listener: l}
	r.all.Go(r.serve)
	k.later(r.close)
	u.Host = l.Addr().String()
	return u.String(), r, nil
}

func (r *relay) close() error {
	err := r.listener.Close()
	r.mu.Lock()
	for _, c := range r.open {
		c.Close() // it may have ended by itself
	}
	r.mu.Unlock()
	r.all.Wait()
	return err
}

func (r *relay) serve() {
	for {
		store, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.server)
		if err != nil {
			store.Close()
			continue
		}
		r.mu.Lock()
		r.open = append(r.open, store, server)
		r.mu.Unlock()
		answered := new(atomic.Bool) // the server has spoken last
		answered.Store(true)
		r.all.Go(func() { r.forward(server, store, func() { r.asked(answered) }) })
		r.all.Go(func() { r.forward(store, server, func() { answered.Store(true) }) })
	}
}

func (r *relay) asked(answered *atomic.Bool) {
	if answered.CompareAndSwap(true, false) {
		r.trips.Add(1)
	}
}

// forward hands on what one side says, after it has been noted.
func (r *relay) forward(to, from net.Conn, note func()) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			note()
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil { // io.EOF as a rule: who was connected has gone
			return
		}
	}
}
