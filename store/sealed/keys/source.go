package keys

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrUnusable is wrapped by every error of this package: there are no keys, so
// nothing is sealed, opened or stored.
var ErrUnusable = errors.New("keys cannot be used")

// Config says how keys are read and written. The zero value works.
type Config struct {
	// Wrap encrypts the document as a whole: any AEAD of Tink, such as one of a key
	// management service. It is asked when keys are read or changed, never for a
	// token, and must bound the time it takes. Nil: the document is plain, and the
	// file's permissions, or whoever set the variable, protect it.
	Wrap tink.AEAD

	// LookupEnv reads the environment; nil is os.LookupEnv.
	LookupEnv func(name string) (string, bool)

	// Now is the clock; nil is time.Now.
	Now func() time.Time

	// Logger hears of a changed file that cannot be read, and of keys that a change
	// which was killed left in the clear and that cannot be removed; nil discards.
	Logger *slog.Logger
}

func (cfg Config) complete() Config {
	if cfg.LookupEnv == nil {
		cfg.LookupEnv = os.LookupEnv
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return cfg
}

// source is a place of keys: a file or a variable.
type source struct{ path, variable string }

// parseSource shows nothing of a source that could be the keys themselves.
func parseSource(text string) (source, error) {
	name, variable := strings.CutPrefix(text, "env:")
	if areKeys(name) {
		return source{}, fmt.Errorf("%w: the source is to name a file, or a variable as env:NAME, and these are keys themselves", ErrUnusable)
	}
	if variable && name != "" {
		return source{variable: name}, nil
	}
	if path, _ := strings.CutPrefix(text, "file:"); path != "" && path != "env:" {
		return source{path: path}, nil
	}
	return source{}, fmt.Errorf("%w: no source of keys was named; give a file or env:NAME, and make one with `zcrm keys create --out FILE`", ErrUnusable)
}

// areKeys recognises a document of keys in the place of its name.
func areKeys(text string) bool {
	text = strings.Join(strings.Fields(text), "")
	if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
		text = strings.TrimSpace(string(decoded))
	}
	return strings.HasPrefix(text, "{")
}

// String names the source in errors.
func (s source) String() string {
	if s.variable != "" {
		return "variable " + s.variable
	}
	return "key file " + s.path
}

// failed says what could not be done with the source.
func (s source) failed(err error) error {
	if err == nil || errors.Is(err, ErrUnusable) {
		return err
	}
	return fmt.Errorf("%w: %s: %w", ErrUnusable, s, err)
}

// read gives the ring and, of a file, which state of it that was.
func (s source) read(ctx context.Context, cfg Config) (*Ring, stamp, error) {
	if err := ctx.Err(); err != nil {
		return nil, stamp{}, err
	}
	text, at, err := s.document(cfg)
	if err != nil {
		return nil, stamp{}, s.failed(err)
	}
	ring, err := unmarshal(text, cfg.Wrap)
	return ring, at, s.failed(err)
}

func (s source) document(cfg Config) ([]byte, stamp, error) {
	if s.variable == "" {
		return readFile(s.path)
	}
	value, ok := cfg.LookupEnv(s.variable)
	if !ok || value == "" {
		return nil, stamp{}, errors.New("it is not set; set it to the base64 of a key file")
	}
	text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(value), ""))
	if err != nil {
		return nil, stamp{}, errors.New("it is not base64; set it to the base64 of a key file")
	}
	return text, stamp{}, nil
}
