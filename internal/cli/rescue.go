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
// reads. Other errors pass.
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

func (a *app) writeRescue(t oauth.Token) (path string, err error) {
	folder, err := stateFolder(runtime.GOOS, a.getenv)
	if err != nil {
		return "", err
	}
	if err := makeFolder(folder); err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(portableOf(t), "", "  ")
	if err != nil {
		return "", err
	}
	path = filepath.Join(folder, "rescue-"+a.now().UTC().Format("20060102T150405.000Z")+".json")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(append(text, '\n'))
	return path, errors.Join(err, f.Sync(), f.Close())
}
