package main

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// taking is a side that says that it takes so long each time.
func taking(d time.Duration) side {
	return func(n int) (time.Duration, error) { return time.Duration(n) * d, nil }
}

func TestRatio(t *testing.T) {
	for name, c := range map[string]struct {
		row  row
		met  bool
		says string
	}{
		"quick enough": {row{ours: taking(3 * time.Microsecond), theirs: taking(2 * time.Microsecond), atMost: 1.5}, true, "1.50 times"},
		"too slow":     {row{ours: taking(4 * time.Microsecond), theirs: taking(2 * time.Microsecond), atMost: 1.5}, false, "2.00 times"},
		"faster":       {row{ours: taking(time.Millisecond), theirs: taking(10 * time.Millisecond), faster: 10}, true, "10.0 times faster"},
		"not faster":   {row{ours: taking(time.Millisecond), theirs: taking(9 * time.Millisecond), faster: 10}, false, "9.0 times faster"},
		"allocates":    {row{ours: taking(time.Second), theirs: taking(time.Second), once: func() { _ = errors.Join(io.EOF) }}, false, "1.00 times, 1 allocations"},
	} {
		res, err := c.row.measure(t.Context(), 1)
		if err != nil || res.met() != c.met || res.measured() != c.says {
			t.Errorf("%s: met %t, %q, %v", name, res.met(), res.measured(), err)
		}
	}
}

// What fails ends the measuring, on either side.
func TestFailingSide(t *testing.T) {
	broken := each(func() error { return io.ErrUnexpectedEOF })
	for _, r := range []row{{ours: broken, theirs: taking(time.Second)}, {ours: taking(time.Second), theirs: broken}} {
		if _, err := r.measure(t.Context(), 1); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("error: %v", err)
		}
	}
}

func TestAgain(t *testing.T) {
	for met, want := range map[bool]int{true: 1, false: 3} {
		tried := 0
		_, err := again(t.Context(), 3, func() (figure, error) { tried++; return figure{ok: met}, nil })
		if err != nil || tried != want {
			t.Errorf("met %t: tried %d times, %v", met, tried, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := again(ctx, 3, func() (figure, error) { return figure{}, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("after an interrupt: %v", err)
	}
}

// Without -strict, noise is forgiven and a mistake is not.
func TestVerdict(t *testing.T) {
	slow := page{results: []result{{row: row{atMost: 1}, pair: pair{2, 1}}}, figures: []figure{{}}}
	wrong := page{figures: []figure{{count: count{exact: true}}}}
	for name, c := range map[string]struct {
		p               page
		strict, lenient bool
	}{"slow": {slow, false, true}, "wrong": {wrong, false, false}, "empty": {page{}, true, true}} {
		if got := c.p.verdict(true) == nil; got != c.strict {
			t.Errorf("%s, strictly: passed %t", name, got)
		}
		if got := c.p.verdict(false) == nil; got != c.lenient {
			t.Errorf("%s, not strictly: passed %t", name, got)
		}
	}
}

// The build server compares the rows of two pages by their second and fourth fields.
func TestPageRowsAreTheSameInEveryRun(t *testing.T) {
	rows := func(nanos float64, text string) string {
		p := page{
			results: []result{{row: row{name: "a", other: "b", atMost: 2}, pair: pair{nanos, 100}}},
			figures: []figure{{count: count{name: "c", how: "d", target: "e"}, text: text}},
		}
		var fields []string
		for line := range strings.Lines(string(p.text())) {
			if strings.HasPrefix(line, "|") {
				f := strings.Split(line, "|")
				fields = append(fields, f[1]+"|"+f[3])
			}
		}
		return strings.Join(fields, "\n")
	}
	one, other := rows(150, "1 mint"), rows(350, "2 mints")
	if one != other || !strings.Contains(one, " a | b ") || !strings.Contains(one, " c | d ") {
		t.Errorf("rows:\n%s\n\n%s", one, other)
	}
}

func TestRelayCountsRoundTrips(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		for conn, err := server.Accept(); err == nil; conn, err = server.Accept() {
			go io.Copy(conn, conn) // ends with the connection
		}
	}()
	k := &kit{dir: t.TempDir()}
	defer k.unwind()
	at, r, err := k.through(t.Context(), "x://"+server.Addr().String()+"/y")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(at, "x://"), "/y"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range 3 {
		if _, err := conn.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 5)); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.trips.Load(); n != 3 {
		t.Errorf("%d round trips, want 3", n)
	}
}

// What an area has made goes in the opposite order, and all of it even if some fails.
func TestUnwind(t *testing.T) {
	var done []int
	k := &kit{}
	for i := range 3 {
		k.later(func() error {
			done = append(done, i)
			if i == 1 {
				return io.EOF
			}
			return nil
		})
	}
	if err := k.unwind(); !errors.Is(err, io.EOF) || len(done) != 3 || done[0] != 2 {
		t.Errorf("undone %v, %v", done, err)
	}
	if err := k.unwind(); err != nil {
		t.Errorf("a second time: %v", err)
	}
}
