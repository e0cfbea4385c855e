package prometheus_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/oauth/observe/prometheus"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
	"zohocrm/store/memory"
)

func Example() {
	registry := client.NewRegistry()
	observer, err := prometheus.New(prometheus.Config{Registerer: registry})
	if err != nil {
		panic(err)
	}
	keeper, err := oauth.NewKeeper(oauth.KeeperConfig{Store: memory.New(memory.Config{}), Observer: observer})
	if err != nil {
		panic(err)
	}
	defer keeper.Close()

	families, err := registry.Gather()
	if err != nil {
		panic(err)
	}
	for _, f := range families {
		fmt.Println(f.GetName())
	}
	// Output:
	// zohocrm_token_adoptions_total
	// zohocrm_token_logins_total
	// zohocrm_token_mints_total
	// zohocrm_token_reauths_total
	// zohocrm_token_save_failures_total
	// zohocrm_token_throttles_total
}

// A whole life, counted: a login, a refresh, one that fails, one too soon, the
// end.
func TestObserver(t *testing.T) {
	server := simtest.New(t, sim.Config{})
	home, err := dc.Custom(server.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	registry := client.NewRegistry()
	observer, err := prometheus.New(prometheus.Config{Registerer: registry})
	if err != nil {
		t.Fatal(err)
	}
	accounts := oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(home), Now: server.Now})
	k, err := oauth.NewKeeper(oauth.KeeperConfig{
		Store: memory.New(memory.Config{Now: server.Now}), Accounts: accounts, DataCenter: home, Observer: observer, Ahead: -1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	ctx := t.Context()
	if _, err := k.Connect(ctx, oauth.Login{Token: oauth.Token{
		UserName: "alice", ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(server.Grant("alice")),
	}}); err != nil {
		t.Fatal(err)
	}
	alice := oauth.Token{UserName: "alice"}
	server.Advance(2 * time.Hour)
	if _, err := k.Token(ctx, alice); err != nil {
		t.Fatal(err)
	}
	server.Advance(2 * time.Hour)
	server.Inject(sim.Fault{Kind: sim.FaultThrottle400, Match: "refresh", Count: 1})
	for range 2 { // by Zoho's word, then by what was noted of it
		if _, err := k.Token(ctx, alice); !errors.Is(err, oauth.ErrThrottled) {
			t.Fatal(err)
		}
	}
	if err := k.Revoke(ctx, alice); err != nil {
		t.Fatal(err)
	}
	want := `
# HELP zohocrm_token_failures_total Requests to the accounts server that brought no token.
# TYPE zohocrm_token_failures_total counter
zohocrm_token_failures_total{class="throttled"} 1
# HELP zohocrm_token_logins_total Users who logged in.
# TYPE zohocrm_token_logins_total counter
zohocrm_token_logins_total 1
# HELP zohocrm_token_mints_total Tokens that Zoho issued to this program.
# TYPE zohocrm_token_mints_total counter
zohocrm_token_mints_total 2
# HELP zohocrm_token_revocations_total Users who were revoked at Zoho.
# TYPE zohocrm_token_revocations_total counter
zohocrm_token_revocations_total{result="ok"} 1
# HELP zohocrm_token_throttles_total Times that the budget of mints was spent, or that Zoho said so.
# TYPE zohocrm_token_throttles_total counter
zohocrm_token_throttles_total 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "zohocrm_token_failures_total", "zohocrm_token_logins_total",
		"zohocrm_token_mints_total", "zohocrm_token_revocations_total", "zohocrm_token_throttles_total"); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(registry, "zohocrm_token_seconds"); n != 3 {
		t.Errorf("histograms of %d steps, want lease, mint and save", n)
	}
	if _, err := prometheus.New(prometheus.Config{Registerer: registry}); err == nil {
		t.Error("registered twice")
	}
}
