package crm_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
	"zohocrm/sim"
)

// TestExpiredTokenIsReplacedOnce: the token dies at Zoho before its time.
func TestExpiredTokenIsReplacedOnce(t *testing.T) {
	c, server, src := newSim(t, sim.Config{}, "alice", "")
	server.Advance(2 * time.Hour)
	if _, err := c.Org.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := server.Counters(); n.APICalls != 2 || n.InvalidToken != 1 || n.Refreshes != 1 || src.fresh != 1 {
		t.Errorf("%d calls, %d refusals, %d refreshes, Fresh asked %d times", n.APICalls, n.InvalidToken, n.Refreshes, src.fresh)
	}
}

func TestAWriteIsRepeatedWithItsBody(t *testing.T) {
	c, server, _ := newSim(t, sim.Config{Records: -1}, "alice", "")
	server.Inject(sim.Fault{Kind: sim.FaultInvalidToken, Match: "api"})
	added, err := c.Records.Insert(t.Context(), "Leads", leads(3), nil)
	if err != nil || len(added) != 3 {
		t.Fatalf("%d results, %v", len(added), err)
	}
	if n, err := c.Records.Count(t.Context(), "Leads", nil); n != 3 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}
}

func TestTwiceRefusedIsAnError(t *testing.T) {
	c, server, src := newSim(t, sim.Config{}, "alice", "")
	server.Inject(sim.Fault{Kind: sim.FaultInvalidToken, Match: "api", Count: -1})
	_, err := c.Org.Get(t.Context())
	if !errors.Is(err, crm.ErrInvalidToken) || src.fresh != 1 || server.Counters().APICalls != 2 {
		t.Errorf("%v; Fresh asked %d times, %d calls", err, src.fresh, server.Counters().APICalls)
	}
}

// TestFaults: nothing but a refused token is repeated, and each fault has its kind.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		fault sim.Fault
		want  []error
	}{
		{sim.Fault{Kind: sim.FaultTooMany}, []error{crm.ErrThrottled}},
		{sim.Fault{Kind: sim.FaultStatus500}, []error{crm.ErrUnavailable}},
		{sim.Fault{Kind: sim.FaultHTML}, []error{crm.ErrUnavailable, crm.ErrProtocol}},
		{sim.Fault{Kind: sim.FaultHTML, Status: 200}, []error{crm.ErrProtocol}},
		{sim.Fault{Kind: sim.FaultHTML, Status: 403}, []error{crm.ErrPermission, crm.ErrProtocol}},
		{sim.Fault{Kind: sim.FaultBadJSON}, []error{crm.ErrProtocol}},
		{sim.Fault{Kind: sim.FaultNoAccessToken}, []error{crm.ErrProtocol}},
		{sim.Fault{Kind: sim.FaultThrottle200}, []error{crm.ErrProtocol}},
		{sim.Fault{Kind: sim.FaultRedirect}, []error{crm.ErrProtocol}},
		{sim.Fault{Kind: sim.FaultDropBefore}, []error{crm.ErrUnavailable}},
		{sim.Fault{Kind: sim.FaultDropAfter}, []error{crm.ErrUnavailable}},
	} {
		t.Run(string(test.fault.Kind), func(t *testing.T) {
			c, server, src := newSim(t, sim.Config{Records: -1}, "alice", "")
			test.fault.Match = "api"
			server.Inject(test.fault)
			results, err := c.Records.Insert(t.Context(), "Leads", leads(2), nil)
			for _, want := range test.want {
				if !errors.Is(err, want) {
					t.Errorf("error %v is not %q", err, want)
				}
			}
			n := server.Counters()
			if len(results) != 0 || n.APICalls != 1 || n.Followed != 0 || src.fresh != 0 {
				t.Errorf("%d results, %d calls, %d followed, Fresh asked %d times", len(results), n.APICalls, n.Followed, src.fresh)
			}
			if err != nil && (strings.Contains(err.Error(), "<") || strings.Contains(err.Error(), "\n")) {
				t.Errorf("the error shows the answer: %v", err)
			}
		})
	}
}

// TestPartialWrite: some records fail, and none of it is lost.
func TestPartialWrite(t *testing.T) {
	c, _, _ := newSim(t, sim.Config{Records: -1}, "alice", "")
	ctx := t.Context()
	results, err := c.Records.Insert(ctx, "Leads", []any{
		lead{LastName: "First", Email: "first@example.org"},
		map[string]any{"Company": "No last name"},
		lead{LastName: "Third", Email: "third@example.org"},
		map[string]any{"Last_Name": 17},
	}, nil)
	var failed *crm.RecordsError
	if !errors.As(err, &failed) || len(results) != 4 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	if failed.Total != 4 || len(failed.Failures) != 2 || failed.Failures[0].Index != 1 || failed.Failures[1].Index != 3 {
		t.Errorf("%+v", failed)
	}
	if !errors.Is(err, crm.ErrMandatory) || !errors.Is(err, crm.ErrInvalidData) || errors.Is(err, crm.ErrDuplicate) {
		t.Errorf("kinds of %v", err)
	}
	if results[0].Err() != nil || results[0].ID == "" || results[2].ID == "" || results[1].ID != "" || results[1].Code != "MANDATORY_NOT_FOUND" {
		t.Errorf("%+v", results)
	}
	if !strings.Contains(err.Error(), "record 1: ") || !strings.Contains(err.Error(), "Last_Name") {
		t.Errorf("the error names neither record nor field: %v", err)
	}
	if n, err := c.Records.Count(ctx, "Leads", nil); n != 2 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}

	results, err = c.Records.Insert(ctx, "Leads", map[string]any{"Company": "Alone, and no last name"}, nil)
	if len(results) != 1 || !errors.Is(results[0].Err(), crm.ErrMandatory) || !errors.As(err, &failed) {
		t.Errorf("all failed: %+v, %v", results, err)
	}
}

func TestDuplicateAndModified(t *testing.T) {
	c, server, _ := newSim(t, sim.Config{Records: -1}, "alice", "")
	ctx := t.Context()
	first, err := c.Records.Insert(ctx, "Contacts", map[string]any{"Last_Name": "One", "External_Key": "K1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	results, err := c.Records.Insert(ctx, "Contacts", map[string]any{"Last_Name": "Two", "External_Key": "K1"}, nil)
	if !errors.Is(err, crm.ErrDuplicate) {
		t.Fatalf("%+v, %v", results, err)
	}
	var e *crm.Error
	if !errors.As(err, &e) || !json.Valid(e.Details) || !strings.Contains(string(e.Details), first[0].ID) {
		t.Errorf("details %s do not name the other record", e.Details)
	}
	before := server.Now().Add(-time.Hour)
	results, err = c.Records.Update(ctx, "Contacts", map[string]any{"id": first[0].ID, "Last_Name": "Late"}, &crm.WriteOptions{UnmodifiedSince: before})
	if len(results) != 1 || !errors.Is(err, crm.ErrModified) {
		t.Errorf("UnmodifiedSince: %+v, %v", results, err)
	}
	if _, err := c.Records.Get(ctx, "Contacts", first[0].ID, &crm.GetOptions{ModifiedSince: server.Now().Add(time.Hour)}); !errors.Is(err, crm.ErrNotModified) {
		t.Errorf("ModifiedSince: %v", err)
	}
}

// TestFailureOfALaterBatch keeps the results of the batches before it.
func TestFailureOfALaterBatch(t *testing.T) {
	c, server, _ := newSim(t, sim.Config{Records: -1}, "alice", "")
	list := leads(150)
	list[20].LastName = ""
	server.Inject(sim.Fault{Kind: sim.FaultDelay, Match: "api"}) // the first batch passes
	server.Inject(sim.Fault{Kind: sim.FaultStatus500, Match: "api"})
	results, err := c.Records.Insert(t.Context(), "Leads", list, nil)
	var failed *crm.RecordsError
	if len(results) != 100 || !errors.Is(err, crm.ErrUnavailable) || !errors.As(err, &failed) || failed.Failures[0].Index != 20 {
		t.Errorf("%d results, %v", len(results), err)
	}
	if err != nil && (!strings.Contains(err.Error(), "records 100 to 149 of 150") || strings.Contains(err.Error(), "\n")) {
		t.Errorf("the error does not say where it stopped: %v", err)
	}
}

func TestScopeIsNotAMatterOfFreshTokens(t *testing.T) {
	c, server, _ := newSim(t, sim.Config{}, "alice", "")
	src := connect(t, server, "alice", "", "ZohoCRM.org.READ")
	narrow := newClient(t, crm.Config{Source: src, Directory: directory(t, server.URL)})
	_, err := narrow.Users.Current(t.Context())
	if !errors.Is(err, crm.ErrScope) || src.fresh != 0 {
		t.Errorf("%v; Fresh asked %d times", err, src.fresh)
	}
	if name, err := crm.UserName(t.Context(), narrow); name != "" || !errors.Is(err, crm.ErrScope) {
		t.Errorf("UserName = %q, %v", name, err)
	}
	if _, err := c.Records.Count(t.Context(), "Nonsense", nil); err == nil {
		t.Error("a module that does not exist was counted")
	}
}

func TestStaticTokenThatIsDead(t *testing.T) {
	_, server, src := newSim(t, sim.Config{}, "alice", "")
	static := newClient(t, crm.Config{Source: oauth.StaticSource(*src.token), Directory: directory(t, server.URL)})
	server.Advance(2 * time.Hour)
	_, err := static.Org.Get(t.Context())
	if !errors.Is(err, crm.ErrInvalidToken) || !errors.Is(err, oauth.ErrReauthRequired) {
		t.Errorf("%v", err)
	}
}
