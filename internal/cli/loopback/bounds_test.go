package loopback

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// waiting is a server on a free port that waits for a redirect, and the port.
func waiting(t *testing.T) (*Server, string) {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(l.Addr().String())
		l.Close()
		stray := errors.New("a stray")
		s, err := Listen(Config{RedirectURL: "http://localhost:" + port + "/callback", Stay: stray, Read: func(url.Values) error { return stray }})
		if err != nil {
			continue // another program was quicker
		}
		t.Cleanup(func() { s.Close() })
		return s, port
	}
	t.Fatal("no port was free")
	return nil, ""
}

// Only this machine reaches the port: it is taken on 127.0.0.1 and ::1 and on no
// other address.
func TestOnlyThisMachine(t *testing.T) {
	for host, want := range map[string]string{"localhost": "127.0.0.1 ::1", "127.0.0.1": "127.0.0.1", "[::1]": "::1"} {
		listeners, err := bind(&url.URL{Host: host + ":0"})
		if err != nil {
			if host == "[::1]" && !available("::1") {
				continue
			}
			t.Fatal(err)
		}
		for _, l := range listeners {
			addr := l.Addr().(*net.TCPAddr)
			if !strings.Contains(want, addr.IP.String()) {
				t.Errorf("%s: it listens on %s", host, addr)
			}
			l.Close()
		}
	}
	_, port := waiting(t)
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		ip, ok := a.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.IsLinkLocalUnicast() {
			continue
		}
		if conn, err := net.DialTimeout("tcp", net.JoinHostPort(ip.IP.String(), port), time.Second); err == nil {
			conn.Close()
			t.Errorf("the port answers on %s", ip.IP)
		}
	}
}

// Headers, bodies and times are bounded, and what is refused leaves the login
// waiting.
func TestBounds(t *testing.T) {
	s, port := waiting(t)
	if w := s.web; w.ReadHeaderTimeout <= 0 || w.ReadTimeout <= 0 || w.WriteTimeout <= 0 || w.IdleTimeout <= 0 || w.MaxHeaderBytes <= 0 || w.MaxHeaderBytes > 64<<10 {
		t.Errorf("something is not bounded: %+v", []any{w.ReadHeaderTimeout, w.ReadTimeout, w.WriteTimeout, w.IdleTimeout, w.MaxHeaderBytes})
	}
	long := strings.Repeat("x", 64<<10)
	for what, c := range map[string]struct {
		request string
		status  int
	}{
		"a long address":   {"GET /callback?state=" + long + " HTTP/1.1\r\nHost: localhost\r\n\r\n", http.StatusRequestHeaderFieldsTooLarge},
		"long headers":     {"GET /callback HTTP/1.1\r\nHost: localhost\r\nCookie: " + long + "\r\n\r\n", http.StatusRequestHeaderFieldsTooLarge},
		"a body":           {"GET /callback?state=x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nstate", http.StatusBadRequest},
		"an endless body":  {"POST /callback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1099511627776\r\n\r\nstate=", http.StatusNotFound},
		"an absolute form": {"GET http://evil.example/callback?state=x HTTP/1.1\r\nHost: evil.example\r\n\r\n", http.StatusBadRequest},
		"no HTTP":          {"\x16\x03\x01\x02\x00\x01\r\n\r\n", http.StatusBadRequest},
	} {
		if status, err := ask(port, c.request); err != nil || status != c.status {
			t.Errorf("%s: %d, %v; want %d", what, status, err, c.status)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken {
		t.Error("one of these ended the login")
	}
}

// ask sends bytes and reads the status of the answer.
func ask(port, request string) (int, error) {
	conn, err := net.DialTimeout("tcp", "127.0.0.1:"+port, 5*time.Second)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return 0, err
	}
	go func() { _, _ = io.WriteString(conn, request) }() // ends with the connection
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, fmt.Errorf("no answer: %w", err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

// Whichever host the browser says it asked, the answer names none: it is sent on to
// a path.
func TestNoHostFromTheBrowser(t *testing.T) {
	s, port := waiting(t)
	s.read = func(url.Values) error { return nil }
	conn, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /callback?code=1000.x&state=s HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nOrigin: http://evil.example\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(answer), "\r\nLocation: /callback/done\r\n") || strings.Contains(string(answer), "evil") || strings.Contains(string(answer), "1000.x") {
		t.Errorf("%q, %v", answer, err)
	}
}
