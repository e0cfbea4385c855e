package cli

import (
	"context"
	"os/exec"
	"time"

	"github.com/spf13/cobra"
)

// execOptions are the parsed command line of "zcrm exec".
type execOptions struct {
	app     *app
	who     who
	minLife time.Duration
	argv    []string
}

func newExecCmd(a *app) *cobra.Command {
	o := execOptions{app: a}
	cmd := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARGUMENT...]",
		Short: "Run a command with an access token in its environment",
		Long: `Run a command with ZOHO_ACCESS_TOKEN and ZOHO_API_DOMAIN in its environment. The
token is good for --min-life at least and is not renewed while the command runs.
The command takes the place of zcrm: its exit code and signals are its own. If
there is no such command the exit code is 127, and 126 if it cannot be run. The
client secret, the store's password and its keys are not passed on:
ZCRM_CLIENT_SECRET, ZCRM_STORE_PASSWORD, ZCRM_STORE if there is or could be a
password in it, and the variables that --keys env:NAME and ZCRM_KEYS name.`,
		Example: `  zcrm exec -- ./nightly-report
  zcrm exec --user alice@example.com:10001 -- sh -c 'curl -H "Authorization: Zoho-oauthtoken $ZOHO_ACCESS_TOKEN" "$ZOHO_API_DOMAIN/crm/v8/org"'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("the command is missing, as in: zcrm exec -- env")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.argv = args
			return runExec(cmd.Context(), o)
		},
	}
	o.who.register(a, cmd)
	registerMinLife(cmd, &o.minLife)
	cmd.Flags().SetInterspersed(false) // the command's own flags are the command's
	return cmd
}

func runExec(ctx context.Context, o execOptions) error {
	path, err := exec.LookPath(o.argv[0])
	if err != nil {
		return notStarted(err)
	}
	s, t, err := o.app.validToken(ctx, o.who, o.minLife)
	if err != nil {
		return err
	}
	s.close(ctx) // nothing is held while the command runs
	if err := ctx.Err(); err != nil {
		return err
	}
	return o.app.become(ctx, childProcess{
		path: path, argv: o.argv, env: withToken(o.app.environ, t, o.app.set.keys), in: o.app.in, out: o.app.out, err: o.app.err,
	})
}
