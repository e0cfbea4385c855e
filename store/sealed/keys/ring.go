package keys

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/daead"
	"github.com/tink-crypto/tink-go/v2/daead/aessiv"
	"github.com/tink-crypto/tink-go/v2/key"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Ring is the keys at one moment. It does not change, and is safe for concurrent
// use.
type Ring struct {
	keys         []*Key // the primary first, then by ID
	refusesPlain bool
}

// Key is one key of a [Ring].
type Key struct {
	id       ID
	created  time.Time
	promoted time.Time
	// material is behind a function, of which fmt prints an address: of a pointer it
	// prints what it leads to, under a verb that does not fit.
	material func() material
}

// material is the secret part of a key.
type material struct {
	halves
	same      tink.DeterministicAEAD
	different tink.AEAD
}

// halves are kept to write the document again.
type halves struct {
	siv *aessiv.Key
	gcm *aesgcm.Key
}

// ID is the key's number.
func (k *Key) ID() ID { return k.id }

// Deterministic encrypts with AES-SIV: equal texts under equal associated data
// become equal ciphertexts, by which rows can be found.
func (k *Key) Deterministic() tink.DeterministicAEAD { return k.material().same }

// AEAD encrypts with AES-GCM under a random nonce.
func (k *Key) AEAD() tink.AEAD { return k.material().different }

// String is the key's ID: no verb prints more.
func (k Key) String() string { return "key " + k.id.String() }

// Format is String under every verb and flag.
func (k Key) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }

// Primary is the key that seals.
func (r *Ring) Primary() *Key { return r.keys[0] }

// Keys are all keys, the primary first.
func (r *Ring) Keys() []*Key { return r.keys }

// Key is the key with this ID.
func (r *Ring) Key(id ID) (*Key, bool) {
	at := slices.IndexFunc(r.keys, func(k *Key) bool { return k.id == id })
	if at < 0 {
		return nil, false
	}
	return r.keys[at], true
}

// RefusesPlain reports whether these keys say that nothing is stored in plain text
// any more: see [RefusePlain].
func (r *Ring) RefusesPlain() bool { return r.refusesPlain }

// String lists the IDs: no verb prints more.
func (r Ring) String() string {
	s := "keys"
	for _, k := range r.keys {
		s += " " + k.id.String()
	}
	return s
}

// Format is String under every verb and flag.
func (r Ring) Format(f fmt.State, _ rune) { io.WriteString(f, r.String()) }

// newRing orders keys, of which there must be at least one.
func newRing(all []*Key, primary ID, refusesPlain bool) (*Ring, error) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b *Key) int {
		return cmp.Or(cmp.Compare(notFirst(a, primary), notFirst(b, primary)), cmp.Compare(a.id, b.id))
	})
	if len(all) == 0 || all[0].id != primary {
		return nil, fmt.Errorf("there is no primary key")
	}
	return &Ring{all, refusesPlain}, nil
}

func notFirst(k *Key, primary ID) int {
	if k.id == primary {
		return 0
	}
	return 1
}

// newKey makes the two primitives of a key. Each has a keyset of its own, so that
// a value is never tried with another key than it names.
func newKey(h halves, created, promoted time.Time) (*Key, error) {
	id, _ := h.siv.IDRequirement()
	if other, _ := h.gcm.IDRequirement(); other != id {
		return nil, fmt.Errorf("the halves of key %d have two IDs", id)
	}
	siv, err := alone(h.siv)
	if err != nil {
		return nil, err
	}
	gcm, err := alone(h.gcm)
	if err != nil {
		return nil, err
	}
	m := material{halves: h}
	if m.same, err = daead.New(siv); err != nil {
		return nil, err
	}
	if m.different, err = aead.New(gcm); err != nil {
		return nil, err
	}
	return &Key{ID(id), created, promoted, func() material { return m }}, nil
}

// alone is a keyset of one key.
func alone(k key.Key) (*keyset.Handle, error) { return handleOf([]key.Key{k}) }

// handleOf is a keyset whose first key is the primary.
func handleOf(all []key.Key) (*keyset.Handle, error) {
	m := keyset.NewManager()
	for i, k := range all {
		id, err := m.AddKey(k)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			continue
		}
		if err := m.SetPrimary(id); err != nil {
			return nil, err
		}
	}
	return m.Handle()
}
