package sim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"testing"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// every is an access token of a user for all that the simulator serves.
func every(t *testing.T, s *simtest.Server, user string) string {
	t.Helper()
	code, err := s.Server.Grant(sim.GrantRequest{User: user, Scope: sim.EveryScope})
	if err != nil {
		t.Fatal(err)
	}
	return post(t, s, "/oauth/v2/token", exchangeForm(code)).str("access_token")
}

// upload sends a file as the part "file" of a form.
func upload(t *testing.T, s *simtest.Server, path, token, name string, data []byte, headers ...string) answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	headers = append(headers, "Content-Type", form.FormDataContentType())
	return api(t, s, http.MethodPost, path, token, body.String(), headers...)
}

// page escapes the values of a query.
func page(path string, pairs ...string) string { return path + "?" + form(pairs...).Encode() }

// ids are the IDs in a list, in order.
func ids(t *testing.T, a answer, list string) []string {
	t.Helper()
	var out []string
	for i := range a.len(list) {
		out = append(out, fmt.Sprint(a.item(t, list, i)["id"]))
	}
	return out
}

// at follows keys and indexes into the answer.
func (a answer) at(path ...any) any {
	var v any = a.json
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			l, _ := v.([]any)
			if step >= len(l) {
				return nil
			}
			v = l[step]
		}
	}
	return v
}

// body renders a request's body.
func body(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// query is the body of a COQL call.
func query(t *testing.T, text string) string {
	return body(t, map[string]string{"select_query": text})
}

type anyMap = map[string]any

// readAll reads an answer's body as it comes.
func readAll(t *testing.T, r io.ReadCloser) []byte {
	t.Helper()
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
