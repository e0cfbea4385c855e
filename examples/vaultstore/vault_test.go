package vaultstore_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// vaultServer behaves like the KV version 2 engine of Vault at the mount "secret", as
// far as reading, writing and deleting data go: versions, check-and-set, 404 with
// and without a version, errors as a list.
type vaultServer struct {
	*httptest.Server

	mu      sync.Mutex
	secrets map[string][]json.RawMessage // versions, the latest last; nil: deleted
	before  func()                       // what happens just before the next write
}

const vaultToken = "hvs.planted"

func newVault(t testing.TB) *vaultServer {
	v := startVault()
	t.Cleanup(v.Close)
	return v
}

func startVault() *vaultServer {
	v := &vaultServer{secrets: map[string][]json.RawMessage{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/secret/data/{path...}", v.serve)
	mux.HandleFunc("/v1/kv1/", func(w http.ResponseWriter, _ *http.Request) { fail(w, http.StatusNotFound, "no handler for route") })
	mux.HandleFunc("/v1/sealed/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusServiceUnavailable, "Vault is sealed")
	})
	mux.HandleFunc("/html/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") })
	v.Server = httptest.NewServer(mux)
	return v
}

func fail(w http.ResponseWriter, status int, errors ...string) {
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"errors": append([]string{}, errors...)})
}

func (v *vaultServer) serve(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Vault-Token") != vaultToken {
		fail(w, http.StatusForbidden, "permission denied")
		return
	}
	path := r.PathValue("path")
	v.mu.Lock()
	defer v.mu.Unlock()
	if r.Method == http.MethodGet {
		v.read(w, path)
		return
	}
	if before := v.before; before != nil {
		v.before = nil
		v.mu.Unlock()
		before()
		v.mu.Lock()
	}
	var body struct {
		Options struct{ CAS *int }
		Data    json.RawMessage
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	switch {
	case err != nil || !strings.HasPrefix(string(body.Data), "{"):
		fail(w, http.StatusBadRequest, "no data provided")
	case body.Options.CAS == nil:
		fail(w, http.StatusBadRequest, "check-and-set parameter required for this call")
	case *body.Options.CAS != len(v.secrets[path]):
		fail(w, http.StatusBadRequest, "check-and-set parameter did not match the current version")
	default:
		v.secrets[path] = append(v.secrets[path], body.Data)
		answer(w, http.StatusOK, map[string]any{"version": len(v.secrets[path])})
	}
}

func (v *vaultServer) read(w http.ResponseWriter, path string) {
	versions := v.secrets[path]
	if len(versions) == 0 {
		fail(w, http.StatusNotFound)
		return
	}
	status, latest := http.StatusOK, versions[len(versions)-1]
	if latest == nil {
		status = http.StatusNotFound
	}
	answer(w, status, map[string]any{"data": latest, "metadata": map[string]any{"version": len(versions), "destroyed": false}})
}

func answer(w http.ResponseWriter, status int, data any) {
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"request_id": "1", "lease_duration": 0, "data": data})
}

// put is somebody else's version; nil deletes.
func (v *vaultServer) put(path string, data json.RawMessage) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.secrets[path] = append(v.secrets[path], data)
}

// latest is what is there now, and in which version.
func (v *vaultServer) latest(path string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	versions := v.secrets[path]
	if len(versions) == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", len(versions), versions[len(versions)-1])
}
