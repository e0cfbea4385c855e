package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cli/browser"

	"zohocrm/oauth/observe/audit"
	"zohocrm/store/sealed/keys"
)

// Main runs the command that args name (without the program's own name) and
// returns the exit code. env holds KEY=VALUE pairs, as os.Environ does.
//
// The first interrupt cancels the command's context; a second one ends the
// program at once.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, env []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	a := newApp(stdin, stdout, stderr, env)
	return a.run(ctx, args)
}

// app is what all commands share.
type app struct {
	in       io.Reader
	out, err io.Writer
	environ  []string
	now      func() time.Time

	openBrowser func(url string, own []string) error
	become      func(ctx context.Context, c childProcess) error

	flags globalFlags
	set   settings   // resolved from flags and environment before a command runs
	keys  *keys.Set  // opened when they are first needed; nil without --keys
	audit *audit.Log // likewise; nil without --audit

	warnedOfFile bool // that others can read the client secret's file

	mu sync.Mutex // guards err: requests that end late still log
}

func newApp(stdin io.Reader, stdout, stderr io.Writer, env []string) *app {
	return &app{
		in: stdin, out: stdout, err: stderr, environ: env,
		now: time.Now, openBrowser: openBrowser, become: become,
	}
}

// openBrowser keeps what the browser's starter has to say away from stdout, and from
// the browser the variables that are zcrm's own. It inherits the environment of the
// process, of which the app has a copy.
func openBrowser(url string, own []string) error {
	for _, name := range own {
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	browser.Stdout, browser.Stderr = io.Discard, io.Discard
	return browser.OpenURL(url)
}

// getenv is os.Getenv over the environment that Main was given.
func (a *app) getenv(name string) string {
	for i := len(a.environ) - 1; i >= 0; i-- {
		if key, value, ok := strings.Cut(a.environ[i], "="); ok && sameVariable(key, name) {
			return value
		}
	}
	return ""
}

// sameVariable: on Windows the case of a variable's name says nothing.
func sameVariable(a, b string) bool {
	return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b)
}

// run executes one command line.
func (a *app) run(ctx context.Context, args []string) int {
	root := newRootCmd(a)
	root.SetArgs(args)
	root.SetIn(a.in)
	cmd, err := root.ExecuteContextC(ctx)
	if a.audit != nil {
		a.audit.Close() // every line is written when it is made
	}
	if err == nil {
		return exitOK
	}
	return a.fail(ctx, cmd, err)
}
