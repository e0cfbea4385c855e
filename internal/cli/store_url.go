package cli

import (
	"context"

	"github.com/spf13/cobra"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// storeHelp is the part of the help that lists the stores.
const storeHelp = `Stores:
  csv:PATH             a file that Zoho's SDKs read and write too
  sqlite:PATH          a database in a file; sqlite::memory: is gone at the end
  memory:              gone at the end
  mysql://USER@HOST:PORT/DATABASE
                       the table of Zoho's SDKs; mysql: alone is root at
                       localhost:3306, database zohooauth; localhost without a
                       password tries the socket first
                       ?table=oauthtoken  &tls=verify|off  &ca=FILE
  postgres://USER@HOST:PORT/DATABASE
                       postgres: alone is localhost:5432, database zohooauth
                       ?table=oauthtoken  &sslmode=verify-full...  &ca=FILE
                       &pooler=transaction (PgBouncer)
  redis://USER@HOST:PORT/NUMBER, or rediss:// with TLS
                       redis: alone is localhost:6379/0; a password without a
                       user has a colon before it: redis://:PASSWORD@HOST
                       ?prefix=zohocrm  &ca=FILE  &eviction=allow
Servers also take socket=PATH, max-conns=N (16) and password-file=FILE. The
password: ZCRM_STORE_PASSWORD, or that file, or in the URL as USER:PASSWORD@, where
other users see it in the process list. URLs are printed without it.`

// openURL opens a store with the password of the settings, behind their keys.
func (a *app) openURL(ctx context.Context, storeURL string) (*open.Store, error) {
	return open.URL(ctx, storeURL, open.Config{
		Logger: a.logger(), Password: a.set.storePassword,
		Wrap: func(s oauth.Store) (oauth.Store, error) { return a.sealed(ctx, s) },
	})
}

// completeStores completes flags that take a store's URL: the beginning of one,
// and files behind csv: and sqlite:, as far as the shell can.
func completeStores(cmd *cobra.Command, flags ...string) {
	for _, flag := range flags {
		_ = cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return open.Schemes(), cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
		})
	}
}
