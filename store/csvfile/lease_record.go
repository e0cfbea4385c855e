package csvfile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"zohocrm/oauth"
)

// recordEnd and lockEnd are how the names of a credential's files end.
const (
	recordEnd = ".json"
	lockEnd   = ".lock"
)

// maxRecord bounds what is read of a record, in bytes, to several times what any
// has.
const maxRecord = 16 << 10

// kept is what stands in the file of a credential: a [oauth.Standing], and
// whether the lock says something of its lease.
type kept struct {
	oauth.Standing
	// Unlocked: the newest lease was taken over from a holder that lives and still
	// has the lock. So whether the lock is held says nothing of the new holder, and
	// its lease ends by the clock.
	Unlocked bool `json:"unlocked,omitzero"`
}

// guarded reports that somebody has the lease and that its lock tells whether he
// lives.
func (r *kept) guarded() bool { return r.Owner != "" && !r.Unlocked }

// orphan takes the lease from a holder that died. Its mint stays counted, since
// it may have asked Zoho; its epoch ends with the next lease.
func (r *kept) orphan() { r.Owner, r.Until = "", time.Time{} }

// lasts reports that r must not be lost when the power fails: other records cost
// a request at worst.
func (r *kept) lasts() bool { return r.State == oauth.Dead || r.State == oauth.Ended }

// fileName is the name of a credential's files, which is its key. What is no key
// of this module, and could be any path, is hashed.
func fileName(key string) string {
	if raw, err := hex.DecodeString(key); err == nil && len(raw) == sha256.Size && hex.EncodeToString(raw) == key {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// readRecord reads a record without a lock. known is false if there is none, if
// its place is taken by what is no file, and if a power failure left nothing that
// can be read. Who may not look into the folder finds none either: what he may
// read of the token file is of use without.
func readRecord(path string) (r kept, known bool, err error) {
	f, err := openRecord(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return kept{}, false, nil
	}
	if err != nil {
		if info, lerr := os.Lstat(path); lerr == nil && !info.Mode().IsRegular() {
			return kept{}, false, nil // a symbolic link, which is not followed
		}
		return kept{}, false, unavailable("read a record of refreshes", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return kept{}, false, unavailable("read a record of refreshes", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxRecord {
		return kept{}, false, nil
	}
	text := make([]byte, info.Size())
	if _, err := io.ReadFull(f, text); err != nil || json.Unmarshal(text, &r) != nil {
		return kept{}, false, nil
	}
	return r, true, nil
}

// write puts a record in the place of the one before. last makes it safe on disk
// when it returns.
func (f *leaseFolder) write(name string, r kept, last bool) error {
	text, err := json.Marshal(r)
	if err == nil {
		err = f.replace(f.record(name), text, last)
	}
	if err != nil {
		return unavailable("note a refresh in "+f.path, err)
	}
	return nil
}

// replace makes a file anew. The name of the file being written is free: who has
// the lock of the folder is alone, and what one that died left there goes.
func (f *leaseFolder) replace(path string, text []byte, last bool) error {
	fresh := f.file("new")
	out, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- a new file in the store's own folder
	if errors.Is(err, fs.ErrExist) {
		if err = os.Remove(fresh); err == nil {
			out, err = os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- a new file in the store's own folder
		}
	}
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	if err == nil && last {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		share(fresh, f.like)
		err = place(fresh, path, last)
	}
	if err != nil {
		os.Remove(fresh)
	}
	return err
}
