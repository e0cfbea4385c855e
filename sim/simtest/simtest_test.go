package simtest_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

func TestServerRunsAndGrants(t *testing.T) {
	s := simtest.New(t, sim.Config{})
	res, err := s.Client.PostForm(s.URL+"/oauth/v2/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"1000.SIM"}, "client_secret": {"sim"}, "code": {s.Grant("alice")},
	})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if n := s.Counters().Exchanges; n != 1 {
		t.Errorf("%d exchanges", n)
	}
}

// A hanging request must not keep a test from ending.
func TestCleanupEndsHangingRequests(t *testing.T) {
	ended := make(chan error, 1)
	t.Run("inner", func(t *testing.T) {
		s := simtest.New(t, sim.Config{})
		s.Inject(sim.Fault{Kind: sim.FaultHang})
		go func() {
			res, err := http.Get(s.URL + "/oauth/serverinfo")
			if err == nil {
				res.Body.Close()
			}
			ended <- err
		}()
		for s.Counters().Faults == 0 {
			time.Sleep(time.Millisecond)
		}
	})
	select {
	case err := <-ended:
		if err == nil {
			t.Error("there was an answer")
		}
	case <-time.After(10 * time.Second):
		t.Error("the request still hangs")
	}
}
