package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// statusOptions are the parsed command line of "zcrm status".
type statusOptions struct{ app *app }

func newStatusCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show who is connected where, and until when",
		Long: `Show who is connected where, and until when. Nothing is sent to Zoho and nothing
is changed.

States:
  valid                  the access token lives, and is renewed when it ends
  will be renewed        the access token is over; the next use renews it
  nothing to renew with  the access token lives, and ends: zcrm login
  sealed: give --keys    its secrets are encrypted, and the keys were not given
  needs login            nothing renews it, or Zoho does not accept it any more
  revoked                it is worthless: zcrm token revoke
  unknown data centre    nothing is sent to its hosts: see zcrm store check

Scopes are what the user consented to, without "ZohoCRM." before them; - where the
store does not know, as of tokens that came from elsewhere.

The exit code is 3 if nobody is connected.`,
		Example: "  zcrm status\n  zcrm status --json",
		Args:    noArgs("the store is given with --store"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runStatus(cmd.Context(), statusOptions{a}) },
	}
}

func runStatus(ctx context.Context, o statusOptions) error {
	a := o.app
	l, err := a.lookAt(ctx)
	if err != nil {
		return err
	}
	defer l.close()
	all, damaged, err := l.rows(ctx)
	if err != nil {
		return err
	}
	known := map[string]oauth.Standing{}
	if l.store != nil {
		if known, err = standings(ctx, l.store, all); err != nil {
			return err
		}
	}
	views := make([]statusView, len(all))
	for i, t := range all {
		views[i] = a.statusOf(t, known[t.SideKey()])
	}
	if a.set.json {
		err = a.printJSON(views)
	} else if len(all) > 0 {
		err = a.printStatus(all, views)
	}
	if err != nil {
		return err
	}
	for _, d := range damaged {
		a.tell("zcrm: warning: %v; see: zcrm store check", d)
	}
	switch {
	case len(all) == 0 && len(damaged) > 0:
		return damaged[0]
	case len(all) == 0:
		why, next := a.nobody(l)
		return advise(fmt.Errorf("%w: %s", oauth.ErrNotFound, why), next)
	}
	return nil
}

// statusView is a token as status --json prints it: what "token list" says of it,
// and what that means.
type statusView struct {
	tokenView
	stateView
	DataCenter  string `json:"data_centre"`
	Environment string `json:"environment"`
	Status      string `json:"status"` // one of the words below
	// Scopes are what the user consented to; [] where that is not known, as of
	// tokens that came from elsewhere.
	Scopes     []string `json:"scopes"`
	LastUsedAt string   `json:"last_used_at"`

	trouble string // of the refreshes, for people
}

// How a token stands, as the help explains it.
const (
	stateValid   = "valid"
	stateRenewed = "will be renewed"
	stateEnds    = "nothing to renew with"
	stateLogin   = "needs login"
	stateRevoked = "revoked"
	stateHost    = "unknown data centre"
	stateSealed  = "sealed: give --keys"
)

func (a *app) statusOf(t oauth.Token, s oauth.Standing) statusView {
	v := statusView{tokenView: viewOf(t), stateView: stateViewOf(s), LastUsedAt: rfc3339(t.LastUsedAt), Scopes: scopesOf(t)}
	if line := stateLine(s, a.now()); s.State != oauth.Dead && line != stateWord(oauth.Standing{}) {
		v.trouble = line
	}
	center, environment, known := a.centerOf(t)
	if known {
		v.DataCenter, v.Environment = center.Location, environment.String()
	}
	renewable, valid := !t.RefreshToken.IsZero() && t.ClientID != "", t.Valid(a.now(), 0)
	switch {
	case t.Sealed():
		v.Status = stateSealed
	case s.State == oauth.Ended:
		v.Status = stateRevoked
	case s.State == oauth.Dead:
		v.Status = stateLogin
	case !known:
		v.Status = stateHost
	case valid && renewable:
		v.Status = stateValid
	case renewable:
		v.Status = stateRenewed
	case valid:
		v.Status = stateEnds
	default:
		v.Status = stateLogin
	}
	return v
}

// centerOf is where a token is good: by its API domain, by the accounts server
// that issued it, else where logins of these settings begin.
func (a *app) centerOf(t oauth.Token) (dc.DataCenter, dc.Environment, bool) {
	if t.APIDomain != "" {
		return a.set.directory.ByAPIDomain(t.APIDomain)
	}
	if t.AccountsURL != "" {
		center, ok := a.set.directory.ByAccountsURL(t.AccountsURL)
		return center, a.set.environment, ok
	}
	return a.set.home, a.set.environment, true
}

func nameOrDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// until is the end of an access token as people count, and by the clock.
func until(t oauth.Token, now time.Time) string {
	switch {
	case t.AccessToken.IsZero():
		return "none"
	case t.Expiry.IsZero():
		return "until Zoho refuses it"
	}
	return left(t.Expiry, now) + " (" + rfc3339(t.Expiry) + ")"
}

func ago(at, now time.Time) string {
	if at.IsZero() {
		return "not known"
	}
	if d := now.Sub(at); d >= time.Hour {
		return spell(d) + " ago"
	}
	return "within the hour" // it is kept to the hour
}
