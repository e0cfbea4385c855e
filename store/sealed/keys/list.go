package keys

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// Info is what may be known of a key.
type Info struct {
	ID       ID
	Primary  bool
	Created  time.Time // zero: not known
	Promoted time.Time // when it was last made the primary; zero: never, or with its making
}

// List tells which keys a source has, the primary first.
func List(ctx context.Context, from string, cfg Config) ([]Info, error) {
	s, err := Open(ctx, from, cfg)
	if err != nil {
		return nil, err
	}
	return s.Ring().infos(), nil
}

func (r *Ring) infos() []Info {
	var all []Info
	for _, k := range r.keys {
		all = append(all, Info{k.id, k.id == r.Primary().id, k.created, k.promoted})
	}
	return all
}

// Check is List, and proves of each key that both halves open what they sealed,
// and nothing that was altered.
func Check(ctx context.Context, from string, cfg Config) ([]Info, error) {
	s, err := Open(ctx, from, cfg)
	if err != nil {
		return nil, err
	}
	for _, k := range s.Ring().Keys() {
		if err := k.check(); err != nil {
			return nil, s.src.failed(err)
		}
	}
	return s.Ring().infos(), nil
}

func (k *Key) check() error {
	text, about := []byte("a text"), []byte("its place")
	for _, half := range []struct {
		name       string
		seal, open func(text, about []byte) ([]byte, error)
	}{
		{"AES-SIV", k.Deterministic().EncryptDeterministically, k.Deterministic().DecryptDeterministically},
		{"AES-GCM", k.AEAD().Encrypt, k.AEAD().Decrypt},
	} {
		sealed, err := half.seal(text, about)
		if err != nil {
			return fmt.Errorf("the %s half of key %d does not seal: %w", half.name, k.id, err)
		}
		if id, ok := IDOf(sealed); !ok || id != k.id {
			return fmt.Errorf("the %s half of key %d does not name itself", half.name, k.id)
		}
		if opened, err := half.open(sealed, about); err != nil || !bytes.Equal(opened, text) {
			return fmt.Errorf("the %s half of key %d does not open what it sealed", half.name, k.id)
		}
		sealed[len(sealed)-1] ^= 1
		if _, err := half.open(sealed, about); err == nil {
			return fmt.Errorf("the %s half of key %d opens what was altered", half.name, k.id)
		}
	}
	return nil
}
