package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// sumOf is the SHA-256 of a file.
func sumOf(path string) (string, error) {
	f, err := os.Open(path) // #nosec G304 -- the user's own file
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// firstTime refuses a file of which an earlier import is not finished: its rows may
// be at Zoho. With --again that import is given up.
func (i *bulkImport) firstTime() error {
	for _, s := range i.o.app.bulkStates() {
		if !s.sameImport(i.state) {
			continue
		}
		if err := i.giveUp(s); err != nil {
			return err
		}
	}
	return nil
}

// sameImport reports whether an import that is not finished is about the same rows
// for the same user.
func (s *bulkState) sameImport(other *bulkState) bool {
	if s.Kind != "import" || s.State != "" || s.At != other.At || s.Module != other.Module || s.User != other.User || s.TokenID != other.TokenID {
		return false
	}
	x, y := s.Import, other.Import
	if x.Sum == "" { // of an older zcrm
		return x.File == y.File && x.Size == y.Size && x.ModTime.Equal(y.ModTime)
	}
	return x.Sum == y.Sum
}

// begunBefore says how to go on with an earlier import.
func (s *bulkState) begunBefore() error {
	from := rfc3339(s.Begun)
	if s.Import.Sending {
		return sayf("an import of this file, begun %s, was interrupted while rows %d to %d were sent, and whether Zoho has them is not known: look for them there; to send all rows, add --again", from, s.Rows+1, s.Import.To)
	}
	return sayf("an import of this file, begun %s, is not finished: go on with: zcrm bulk import --resume %s; to send all rows again, add --again", from, s.ID)
}

// giveUp ends an earlier import for good, if nobody works on it and --again says so.
func (i *bulkImport) giveUp(s *bulkState) error {
	s, unlock, err := i.o.app.lockBulk(s)
	if err != nil {
		return fmt.Errorf("an earlier import of this file: %w", err)
	}
	defer unlock()
	switch {
	case !i.o.again:
		return s.begunBefore()
	case s.ID == "":
		return forgetBulk(s)
	}
	s.State = bulkFailed
	return i.o.app.keepBulk(s)
}
