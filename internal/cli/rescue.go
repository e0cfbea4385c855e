package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"zohocrm/oauth"
)

// rescue keeps a token that Zoho issued and the store did not take: it goes, for
// the owner's eyes only, into a file of the state folder that "token import"
// reads, or of the folder for temporary files if that one cannot be written.
// Other errors pass.
func (a *app) rescue(err error) error {
	var unsaved *oauth.UnsavedError
	if !errors.As(err, &unsaved) {
		return err
	}
	path, failed := a.writeRescue(unsaved.Token)
	if failed != nil {
		return advise(fmt.Errorf("%w; nor could it be kept in a file: %w", err, failed), "mend the store and log in again")
	}
	return advise(err, "it is kept in "+path+": mend the store, then: zcrm token import "+path+" && rm "+path)
}

func (a *app) writeRescue(t oauth.Token) (string, error) {
	text, err := json.MarshalIndent(portableOf(t), "", "  ")
	if err != nil {
		return "", err
	}
	text = append(text, '\n')
	name := "rescue-" + a.now().UTC().Format("20060102T150405.000Z") + ".json"
	folder, err := stateFolder(runtime.GOOS, a.getenv)
	if err == nil {
		err = makeFolder(folder)
	}
	if err == nil {
		path := filepath.Join(folder, name)
		if err = writeNew(path, text); err == nil {
			return path, nil
		}
	}
	path := filepath.Join(os.TempDir(), name)
	if terr := writeNew(path, text); terr != nil {
		return "", errors.Join(err, terr)
	}
	return path, nil
}

// writeNew makes a file for its owner's eyes, which must not be there yet.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- a new file in the state folder
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}
