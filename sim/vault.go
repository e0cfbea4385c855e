package sim

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// vaultMax bounds the bytes of all files of one organisation, in memory, and
// vaultFiles their number.
const (
	vaultMax   = 512 << 20
	vaultFiles = 100_000
)

// Errors of a vault.
var (
	errTooBig = errors.New("sim: the file is over its limit")
	errFull   = errors.New("sim: the organisation's storage is full")
)

// vault holds an organisation's files in memory. It is safe for concurrent use.
type vault struct {
	mu    sync.Mutex
	used  int64
	files map[string][]byte // by ID; never changed once stored
}

func newVault() *vault { return &vault{files: make(map[string][]byte)} }

// slurp reads a file of at most limit bytes. limit 0: only the vault's own bound.
func slurp(r io.Reader, limit int64) ([]byte, error) {
	if limit <= 0 || limit > vaultMax {
		limit = vaultMax
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, err
	case n > limit:
		return nil, errTooBig
	}
	return b.Bytes(), nil
}

// put stores a file under an ID, in place of one that is there.
func (v *vault) put(id string, data []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	grown := v.used + int64(len(data)) - int64(len(v.files[id]))
	if _, there := v.files[id]; grown > vaultMax || !there && len(v.files) >= vaultFiles {
		return errFull
	}
	v.used, v.files[id] = grown, data
	return nil
}

func (v *vault) get(id string) ([]byte, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	data, ok := v.files[id]
	return data, ok
}

func (v *vault) drop(id string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	data, ok := v.files[id]
	v.used -= int64(len(data))
	delete(v.files, id)
	return ok
}
