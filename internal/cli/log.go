package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// logger writes what the packages have to say to stderr, one plain line each.
func (a *app) logger() *slog.Logger {
	return slog.New(&lineHandler{out: a.err, level: a.set.level, mu: &a.mu})
}

// lineHandler is a slog.Handler for people: "zcrm: warning: the clock of this
// machine is wrong (behind=1h0m0s)".
type lineHandler struct {
	out    io.Writer
	level  slog.Level
	mu     *sync.Mutex // guards out, shared with all who write to it
	attrs  string      // of With, ready to print
	prefix string      // of WithGroup: "group."
}

var _ slog.Handler = (*lineHandler)(nil)

// Enabled implements slog.Handler.
func (h *lineHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// Handle implements slog.Handler.
func (h *lineHandler) Handle(_ context.Context, r slog.Record) error {
	attrs := h.attrs
	r.Attrs(func(at slog.Attr) bool {
		attrs = h.add(attrs, h.prefix, at)
		return true
	})
	line := "zcrm: " + levelWord(r.Level) + ": " + plainWords(r.Message)
	if attrs != "" {
		line += " (" + attrs + ")"
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := fmt.Fprintln(h.out, oneLine(line))
	return err
}

// WithAttrs implements slog.Handler.
func (h *lineHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := *h
	for _, at := range attrs {
		out.attrs = h.add(out.attrs, h.prefix, at)
	}
	return &out
}

// WithGroup implements slog.Handler.
func (h *lineHandler) WithGroup(name string) slog.Handler {
	out := *h
	if name != "" {
		out.prefix += name + "."
	}
	return &out
}

// add appends one attribute. A group becomes the words of its members.
func (h *lineHandler) add(text, prefix string, at slog.Attr) string {
	value := at.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if at.Key != "" {
			prefix += at.Key + "."
		}
		for _, member := range value.Group() {
			text = h.add(text, prefix, member)
		}
		return text
	}
	shown := value.String()
	switch value.Kind() {
	case slog.KindTime:
		shown = rfc3339(value.Time())
	case slog.KindDuration:
		// A clock that is "behind" by less than nothing is ahead.
		if d := value.Duration(); d < 0 && at.Key == "behind" {
			at.Key, shown = "ahead", (-d).String()
		}
	}
	if shown == "" || at.Key == "" {
		return text
	}
	shown = plainWords(shown)
	if strings.ContainsAny(shown, " ,()") {
		shown = `"` + shown + `"`
	}
	if text != "" {
		text += ", "
	}
	return text + prefix + at.Key + "=" + shown
}

func levelWord(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "error"
	case l >= slog.LevelWarn:
		return "warning"
	case l >= slog.LevelInfo:
		return "info"
	}
	return "debug"
}
