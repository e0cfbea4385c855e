package main

import (
	"strings"
	"testing"

	"zohocrm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
	"zohocrm/store/memory"
)

func TestFromAnotherModule(t *testing.T) {
	zoho := simtest.New(t, sim.Config{})
	home, err := dc.Custom(zoho.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = run(t.Context(), &out, zohocrm.Config{
		Store: memory.New(memory.Config{}), DataCenter: home,
		Token: oauth.Token{ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(zoho.Grant("alice"))},
	})
	if err != nil || strings.Count(out.String(), "\n") != 3 {
		t.Errorf("printed %q, %v", out.String(), err)
	}
}
