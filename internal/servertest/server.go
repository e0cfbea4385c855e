package servertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	startTime = 60 * time.Second      // until a server answers; a loaded machine is slow
	stopTime  = 20 * time.Second      // until a server that was asked to end is killed
	pollTime  = 10 * time.Millisecond // between two looks whether it answers
	pingTime  = 5 * time.Second
	portTries = 3 // a free port may be taken before the server gets to it
)

// Server is a server process that belongs to this one: it ends with it. Its
// methods are safe for concurrent use.
type Server struct {
	launch
	dir     string // its data, its log and its sockets
	account account

	mu   sync.Mutex
	port int      // 0: never ran
	proc *process // nil: not running
}

// launch says how one prepared server is run.
type launch struct {
	name string
	argv func(port int) ([]string, error)
	url  func(port int) string
	ping func(ctx context.Context, url string) error // a whole handshake
	end  syscall.Signal                              // asks it to end
	kill syscall.Signal                              // ends it as a crash does
}

// URL is where the server is, password included. It does not change when the
// server is started again.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url(s.port)
}

// Stop asks the server to end and waits until it has.
func (s *Server) Stop() error { return s.signal(s.end) }

// Kill ends the server as a crash does, in the middle of whatever it is doing,
// and waits until it is gone.
func (s *Server) Kill() error { return s.signal(s.kill) }

func (s *Server) signal(with syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return nil
	}
	err := s.proc.stop(with)
	s.proc = nil
	return err
}

// Restart starts the server again on its port and its data, after Stop or Kill
// or without. It returns when the server answers.
func (s *Server) Restart() error {
	if err := s.Stop(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	return s.start(ctx)
}

// start runs the server until it answers. The first time it chooses a port.
func (s *Server) start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.port != 0 {
		return s.startOn(ctx, s.port)
	}
	var err error
	for range portTries {
		var port int
		if port, err = freePort(); err != nil {
			return err
		}
		if err = s.startOn(ctx, port); err == nil {
			s.port = port
			return nil
		}
		if !errors.Is(err, errEnded) {
			break
		}
	}
	return err
}

var errEnded = errors.New("it ended before it answered")

func (s *Server) startOn(ctx context.Context, port int) error {
	argv, err := s.argv(port)
	if err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	proc, err := s.account.run(argv, s.dir, s.logFile(), s.kill)
	if err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	poll := time.NewTicker(pollTime)
	defer poll.Stop()
	for {
		err := s.pingOnce(ctx, s.url(port))
		if err == nil {
			s.proc = proc
			return nil
		}
		select {
		case <-proc.ended:
			return fmt.Errorf("start %s: %w: %v\n%s", s.name, errEnded, proc.err, s.lastWords())
		case <-ctx.Done():
			_ = proc.stop(s.kill) // what is wrong is said by err already
			return fmt.Errorf("start %s: no answer in time: %w\n%s", s.name, err, s.lastWords())
		case <-poll.C:
		}
	}
}

func (s *Server) pingOnce(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	return s.ping(ctx, url)
}

func (s *Server) logFile() string { return filepath.Join(s.dir, "log") }

// lastWords is the end of the server's log.
func (s *Server) lastWords() []byte {
	const lines = 15
	log, err := os.ReadFile(s.logFile())
	if err != nil {
		return []byte(err.Error())
	}
	all := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	return bytes.Join(all[max(0, len(all)-lines):], []byte("\n"))
}

// freePort is a port that nobody listens on now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}
