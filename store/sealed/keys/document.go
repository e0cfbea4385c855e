package keys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/daead/aessiv"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/key"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// format is the first thing in every document. A change that older programs would
// misread gets another one.
const format = "zcrm-keys-1"

// maxDocument bounds a document, in bytes: some two hundred keys.
const maxDocument = 128 << 10

// document is what is stored. Wrapped, it holds nothing but Format and Wrapped.
type document struct {
	Format       string          `json:"format"`
	Wrapped      []byte          `json:"wrapped,omitempty"` // a document, encrypted by Config.Wrap
	RefusesPlain bool            `json:"refuses_plain,omitempty"`
	Keys         []dates         `json:"keys,omitempty"`
	SIV          json.RawMessage `json:"aes_siv,omitempty"` // a keyset of Tink, in its JSON
	GCM          json.RawMessage `json:"aes_gcm,omitempty"` // likewise
}

// dates is what Tink's keysets do not say of a key.
type dates struct {
	ID       ID        `json:"id"`
	Created  time.Time `json:"created,omitzero"`
	Promoted time.Time `json:"promoted,omitzero"`
}

// marshal writes a ring as a document, wrapped if there is something to wrap with.
func marshal(r *Ring, wrap tink.AEAD) ([]byte, error) {
	doc := document{Format: format, RefusesPlain: r.refusesPlain}
	var siv, gcm []key.Key
	for _, k := range r.keys {
		doc.Keys = append(doc.Keys, dates{k.id, k.created, k.promoted})
		siv, gcm = append(siv, k.material().siv), append(gcm, k.material().gcm)
	}
	var err error
	if doc.SIV, err = keysetJSON(siv); err != nil {
		return nil, err
	}
	if doc.GCM, err = keysetJSON(gcm); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil || wrap == nil {
		return append(text, '\n'), err
	}
	sealed, err := wrap.Encrypt(text, []byte(format))
	if err != nil {
		return nil, fmt.Errorf("wrapping failed: %w", err)
	}
	text, err = json.MarshalIndent(document{Format: format, Wrapped: sealed}, "", "  ")
	return append(text, '\n'), err
}

func keysetJSON(all []key.Key) (json.RawMessage, error) {
	handle, err := handleOf(all)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&b)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// errDocument is what a text that is no document is: it is never echoed, and
// neither are the decoders' errors, which quote it.
var errDocument = errors.New("it is not a document that `zcrm keys create` made, or it is damaged; restore it from its backup")

// unmarshal reads a document.
func unmarshal(text []byte, wrap tink.AEAD) (*Ring, error) {
	doc, err := decode(text)
	if err != nil {
		return nil, err
	}
	switch {
	case doc.Wrapped == nil && wrap != nil:
		return nil, errors.New("it is not wrapped, but something to unwrap it with was given; create new keys with it, or leave it away")
	case doc.Wrapped == nil:
		return doc.ring()
	case wrap == nil:
		return nil, errors.New("it is wrapped by a key management service; say by which (keys.Config.Wrap)")
	}
	text, err = wrap.Decrypt(doc.Wrapped, []byte(format))
	if err != nil {
		return nil, fmt.Errorf("unwrapping failed: %w", err)
	}
	if doc, err = decode(text); err != nil || doc.Wrapped != nil {
		return nil, errDocument
	}
	return doc.ring()
}

func decode(text []byte) (document, error) {
	if len(text) > maxDocument {
		return document{}, errDocument
	}
	var doc document
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields() // what a newer program demands is not passed over
	if err := d.Decode(&doc); err != nil {
		return document{}, errDocument
	}
	if _, err := d.Token(); err != io.EOF || doc.Format != format {
		return document{}, errDocument
	}
	return doc, nil
}

// ring makes keys of the two keysets, which must have the same IDs and primary.
func (doc document) ring() (*Ring, error) {
	siv, primary, err := entries[*aessiv.Key](doc.SIV)
	if err != nil {
		return nil, err
	}
	gcm, other, err := entries[*aesgcm.Key](doc.GCM)
	if err != nil {
		return nil, err
	}
	if primary != other || len(siv) != len(gcm) {
		return nil, errDocument
	}
	var all []*Key
	for id, half := range siv {
		if gcm[id] == nil {
			return nil, errDocument
		}
		d := dates{ID: id}
		if at := slices.IndexFunc(doc.Keys, func(d dates) bool { return d.ID == id }); at >= 0 {
			d = doc.Keys[at]
		}
		k, err := newKey(halves{half, gcm[id]}, d.Created, d.Promoted)
		if err != nil {
			return nil, errDocument
		}
		all = append(all, k)
	}
	r, err := newRing(all, primary, doc.RefusesPlain)
	if err != nil {
		return nil, errDocument
	}
	return r, nil
}

// entries reads one keyset: enabled keys of one kind with a prefix in what they
// make.
func entries[K key.Key](text json.RawMessage) (all map[ID]K, primary ID, err error) {
	if len(text) == 0 {
		return nil, 0, errDocument
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, 0, errDocument
	}
	all = make(map[ID]K)
	for i := range handle.Len() {
		e, err := handle.Entry(i)
		if err != nil {
			return nil, 0, errDocument
		}
		k, ok := e.Key().(K)
		if !ok || e.KeyStatus() != keyset.Enabled || !asMade(k) {
			return nil, 0, errDocument
		}
		all[ID(e.KeyID())] = k
		if e.IsPrimary() {
			primary = ID(e.KeyID())
		}
	}
	if len(all) != handle.Len() {
		return nil, 0, errDocument
	}
	return all, primary, nil
}

// asMade reports whether a key is of the strength that this package makes.
func asMade(k key.Key) bool {
	siv, err1 := sivParameters()
	gcm, err2 := gcmParameters()
	return err1 == nil && err2 == nil && (k.Parameters().Equal(siv) || k.Parameters().Equal(gcm))
}
