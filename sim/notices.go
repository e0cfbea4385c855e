package sim

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// The bounds of what waits to be posted, and of one post.
const (
	maxNotices  = 10_000
	postTimeout = 5 * time.Second
)

// notices posts what Zoho would post by itself: notifications of changes and
// the callbacks of bulk jobs. They go out one after the other, each once, and
// to loopback addresses only: a simulator does not call strangers. Its one
// goroutine starts with the first post and ends with close.
type notices struct {
	log     *slog.Logger
	numbers *numbers
	client  *http.Client
	ctx     context.Context // ended by close
	cancel  context.CancelFunc

	mu      sync.Mutex
	closed  bool
	queue   chan notice
	timers  map[*time.Timer]bool
	working sync.WaitGroup
}

type notice struct {
	url  string
	body []byte
}

func newNotices(log *slog.Logger, n *numbers) *notices {
	ctx, cancel := context.WithCancel(context.Background())
	return &notices{
		log: log, numbers: n, ctx: ctx, cancel: cancel, timers: make(map[*time.Timer]bool),
		client: &http.Client{
			Timeout:       postTimeout,
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// post sends a body to an address, later. What is too much is dropped.
func (n *notices) post(address string, body []byte) {
	u, err := url.Parse(address)
	if err != nil || !loopbackHost(u.Hostname()) {
		n.numbers.unsent.Add(1)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	if n.queue == nil {
		n.queue = make(chan notice, maxNotices)
		n.working.Go(n.work)
	}
	select {
	case n.queue <- notice{address, body}:
	default:
		n.numbers.unsent.Add(1)
	}
}

func (n *notices) work() {
	for {
		select {
		case <-n.ctx.Done():
			return
		case one := <-n.queue:
			n.send(one)
		}
	}
}

func (n *notices) send(one notice) {
	req, err := http.NewRequestWithContext(n.ctx, http.MethodPost, one.url, bytes.NewReader(one.body))
	if err != nil {
		n.numbers.unsent.Add(1)
		return
	}
	req.Header.Set("Content-Type", "application/json;charset=UTF-8")
	res, err := n.client.Do(req)
	if err != nil {
		n.numbers.unsent.Add(1)
		n.log.Debug("sim notice not delivered", "host", req.URL.Host)
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxForm)) // whatever it says
	_ = res.Body.Close()
	n.numbers.sent.Add(1)
}

// later calls f after d of real time, unless close comes first.
func (n *notices) later(d time.Duration, f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || d <= 0 {
		return
	}
	var t *time.Timer
	n.working.Add(1)
	t = time.AfterFunc(d, func() {
		defer n.working.Done()
		n.mu.Lock()
		gone := n.closed
		delete(n.timers, t)
		n.mu.Unlock()
		if !gone {
			f()
		}
	})
	n.timers[t] = true
}

// close ends the timers and waits for the post on its way, which it cuts short.
func (n *notices) close() {
	n.mu.Lock()
	n.closed = true
	for t := range n.timers {
		if t.Stop() {
			n.working.Done()
		}
	}
	n.mu.Unlock()
	n.cancel()
	n.working.Wait()
}
