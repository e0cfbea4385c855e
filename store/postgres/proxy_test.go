package postgres_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// proxy stands between a store and its server, and cuts the line at a COMMIT.
type proxy struct {
	server   string
	listener net.Listener
	all      sync.WaitGroup

	mu   sync.Mutex
	cut  string // "before", "after": what to do with the next COMMIT
	gone bool   // accept nothing more once it is cut
	open map[net.Conn]bool
}

// behindProxy gives the database's URL through a proxy, for the length of the test.
func behindProxy(t testing.TB, location string) (string, *proxy) {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{server: u.Host, listener: l, open: map[net.Conn]bool{}}
	p.all.Go(p.serve)
	t.Cleanup(func() {
		l.Close()
		p.cutAll()
		p.all.Wait()
	})
	u.Host = l.Addr().String()
	return u.String(), p
}

// arm says what happens at the next COMMIT.
func (p *proxy) arm(cut string, gone bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.gone = cut, gone
}

// take gives what is to happen at this COMMIT.
func (p *proxy) take() (cut string, gone bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	cut, p.cut = p.cut, ""
	return cut, p.gone
}

func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.Close()
	}
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			client.Close()
			continue
		}
		p.mu.Lock()
		p.open[client], p.open[server] = true, true
		p.mu.Unlock()
		p.all.Go(func() { p.forward(client, server) })
		p.all.Go(func() {
			_, _ = io.Copy(client, server) // until one of them is closed
			client.Close()
			server.Close()
		})
	}
}

// forward hands on what the client says, as far as the COMMIT at which to cut. A
// statement without arguments comes as one message of one write.
func (p *proxy) forward(client, server net.Conn) {
	defer client.Close()
	defer server.Close()
	said := make([]byte, 64<<10)
	for {
		n, err := client.Read(said)
		if err != nil {
			return
		}
		cut, gone := "", false
		if bytes.Contains(said[:n], []byte("COMMIT\x00")) {
			cut, gone = p.take()
		}
		if gone && cut != "" {
			p.listener.Close()
		}
		switch cut {
		case "before":
			return
		case "after":
			client.Close() // first, so that no answer gets through
			if _, err := server.Write(said[:n]); err != nil {
				return
			}
			// The server has done it when it says anything at all.
			_, _ = server.Read(said[:1])
			return
		}
		if _, err := server.Write(said[:n]); err != nil {
			return
		}
	}
}
