package storm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// simulator is Zoho's simulator, as its control paths show it.
type simulator struct {
	base string
	http *http.Client
}

func newSimulator(base string) *simulator {
	return &simulator{base: base, http: &http.Client{Timeout: 10 * time.Second}}
}

func (s *simulator) get(ctx context.Context, path string, query url.Values, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return fmt.Errorf("the simulator does not answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the simulator answers %s to %s", resp.Status, path)
	}
	return json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(into)
}

// grant makes an authorization code.
func (s *simulator) grant(ctx context.Context) (string, error) {
	var answer struct{ Code string }
	err := s.get(ctx, "/sim/grant", url.Values{"user": {"alice"}}, &answer)
	return answer.Code, err
}

// advance moves the clock and answers how far it is ahead since the start.
func (s *simulator) advance(ctx context.Context, d time.Duration) (time.Duration, error) {
	var answer struct {
		Offset int64 `json:"offset_ms"`
	}
	err := s.get(ctx, "/sim/clock", url.Values{"advance": {d.String()}}, &answer)
	return time.Duration(answer.Offset) * time.Millisecond, err
}

// refreshes is how many access tokens were made by refreshing.
func (s *simulator) refreshes(ctx context.Context) (int, error) {
	var answer struct{ Refreshes int }
	err := s.get(ctx, "/sim/counters", nil, &answer)
	return answer.Refreshes, err
}

// accepts reports whether the CRM takes an access token.
func (s *simulator) accepts(ctx context.Context, access string) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/crm/v8/org", nil)
	if err != nil {
		return false, err
	}
	req.Header.Set("Authorization", "Zoho-oauthtoken "+access)
	resp, err := s.http.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK, nil
}
