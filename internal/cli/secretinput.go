package cli

import (
	"fmt"
	"io"
	"strings"

	"zohocrm/oauth"
)

// maxSecret bounds what is read as a secret or a code, in bytes.
const maxSecret = 4 << 10

// clientSecret is the client secret from the flags, else from the environment,
// else empty. The file is read only now, since it may be stdin.
func (a *app) clientSecret() (oauth.Secret, error) {
	switch f := a.flags; {
	case f.clientSecret != "" && f.clientSecretFile != "":
		return oauth.Secret{}, usagef("give --client-secret or --client-secret-file, not both")
	case f.clientSecret != "":
		return oauth.NewSecret(f.clientSecret), nil
	case f.clientSecretFile == "-":
		return a.secretFrom(a.in, "--client-secret-file")
	case f.clientSecretFile != "":
		return a.secretFromFile(f.clientSecretFile)
	}
	return oauth.NewSecret(a.getenv("ZCRM_CLIENT_SECRET")), nil
}

// secretFrom reads one line. Its text goes into no error.
func (a *app) secretFrom(r io.Reader, flag string) (oauth.Secret, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSecret+1))
	if err != nil {
		return oauth.Secret{}, fmt.Errorf("%s: %w", flag, err)
	}
	line := strings.TrimSpace(string(text))
	switch {
	case line == "":
		return oauth.Secret{}, usagef("%s: nothing came", flag)
	case len(text) > maxSecret || strings.ContainsAny(line, "\r\n"):
		return oauth.Secret{}, usagef("%s: more than one line came", flag)
	}
	return oauth.NewSecret(line), nil
}
