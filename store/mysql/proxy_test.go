package mysql_test

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between a store and its server, and cuts the line at a COMMIT.
type proxy struct {
	t        testing.TB
	server   string
	listener net.Listener
	all      sync.WaitGroup

	mu   sync.Mutex
	cut  string // "before", "after": what to do with the next COMMIT
	gone bool   // accept nothing more once it is cut
	open map[net.Conn]bool
}

// newProxy listens on a port of its own for the length of the test.
func newProxy(t testing.TB, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{t: t, server: server, listener: l, open: map[net.Conn]bool{}}
	p.all.Go(p.serve)
	t.Cleanup(func() {
		l.Close()
		p.cutAll()
		p.all.Wait()
	})
	return p
}

func (p *proxy) port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// arm says what happens at the next COMMIT.
func (p *proxy) arm(cut string, gone bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.gone = cut, gone
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
		l := &line{client: client, server: server}
		p.all.Go(func() { p.forward(l) })
		p.all.Go(l.answer)
	}
}

// line is one connection through the proxy.
type line struct {
	client, server net.Conn
	deaf           atomic.Bool // the next answer is not handed on, but ends the line
}

func (l *line) close() {
	l.client.Close()
	l.server.Close()
}

// answer hands on what the server says.
func (l *line) answer() {
	defer l.close()
	buf := make([]byte, 4096)
	for {
		n, err := l.server.Read(buf)
		if err != nil || l.deaf.Load() {
			return
		}
		if _, err := l.client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// forward hands on the client's packets: three bytes of length, one of a number, and
// the payload, which begins with the command.
func (p *proxy) forward(l *line) {
	for {
		packet := make([]byte, 4)
		if _, err := io.ReadFull(l.client, packet); err != nil {
			l.close()
			return
		}
		size := binary.LittleEndian.Uint32([]byte{packet[0], packet[1], packet[2], 0})
		packet = append(packet, make([]byte, size)...)
		if _, err := io.ReadFull(l.client, packet[4:]); err != nil {
			l.close()
			return
		}
		switch p.cutNow(string(packet[4:])) {
		case "before":
			l.close()
			return
		case "after":
			l.deaf.Store(true)
		}
		if _, err := l.server.Write(packet); err != nil {
			l.close()
			return
		}
	}
}

// cutNow says what to do with a command, and does the same to the listener.
func (p *proxy) cutNow(command string) string {
	if command != "\x03COMMIT" {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	cut := p.cut
	if p.cut = ""; cut != "" && p.gone {
		p.listener.Close()
	}
	return cut
}

func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.Close()
	}
}
