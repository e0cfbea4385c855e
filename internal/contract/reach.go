package contract

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
)

// Reached sends every operation through [crm.Client.Do] and tells which of them
// arrived as they are described.
func Reached(ctx context.Context, operations []Operation) (map[Operation]bool, error) {
	var came *http.Request
	home := dc.Zoho()
	c, err := crm.New(crm.Config{
		Source: oauth.StaticSource(oauth.Token{AccessToken: oauth.NewSecret("1000.reach"), APIDomain: "https://www.zohoapis.com"}), Directory: home,
		HTTPClient: &http.Client{Transport: transport(func(r *http.Request) { came = r })},
	})
	if err != nil {
		return nil, err
	}
	reached := map[Operation]bool{}
	for _, op := range operations {
		came = nil
		path := filled(op.Path)
		request := crm.Request{Method: op.Method, Path: path, Query: map[string][]string{"q": {"1"}}}
		if op.Method != http.MethodGet && op.Method != http.MethodDelete {
			request.Body = map[string]int{"data": 1}
		}
		if _, err := c.Do(ctx, request, nil); err != nil {
			return nil, fmt.Errorf("%s %s: %w", op.Method, op.Path, err)
		}
		reached[op] = came != nil && came.Method == op.Method && came.URL.Path == path && came.URL.Query().Get("q") == "1" && came.Header.Get("Authorization") != ""
	}
	return reached, nil
}

// filled puts a value in the place of each name of a path.
func filled(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if inBraces(part) {
			parts[i] = "1"
		}
	}
	return strings.Join(parts, "/")
}

// transport answers every request with an empty object, and shows it.
type transport func(*http.Request)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	t(r)
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader("{}")), ContentLength: 2,
	}, nil
}
