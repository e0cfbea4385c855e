package cli

import (
	"io/fs"
	"os"
	"runtime"

	"zohocrm/oauth"
)

// secretFromFile reads the client secret's file. One that others can read is told
// and used: container systems mount secrets so (Kubernetes 0644, Docker 0444), and
// who cannot change that must still be able to log in.
func (a *app) secretFromFile(path string) (oauth.Secret, error) {
	file, err := os.Open(path) // #nosec G304 -- --client-secret-file: the user's own file
	if err != nil {
		return oauth.Secret{}, usagef("--client-secret-file: %v", err)
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && readByOthers(runtime.GOOS, info) && !a.warnedOfFile {
		a.warnedOfFile = true // it is read several times by some commands
		a.tell("zcrm: warning: others than its owner have access to %s (mode %04o): run chmod 600 %s, and think of a new client secret", path, info.Mode().Perm(), path)
	}
	return a.secretFrom(file, "--client-secret-file")
}

// readByOthers: on Windows the mode says nothing, and what is no file, such as the
// pipe of <(...), has no readers but this one.
func readByOthers(goos string, info fs.FileInfo) bool {
	return goos != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0
}
