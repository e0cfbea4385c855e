package secretsmanager_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// awsServer behaves like Secrets Manager as far as CreateSecret, GetSecretValue and
// PutSecretValue go: the JSON protocol, versions that never change, request tokens
// that make a repetition harmless, the label AWSCURRENT, the greatest size.
type awsServer struct {
	*httptest.Server

	mu      sync.Mutex
	secrets map[string]*awsSecret
	calls   []string
	lose    int // so many answers are lost after the work was done
}

type awsSecret struct {
	versions map[string]string
	current  string
}

func newAWS(t testing.TB) *awsServer {
	a := startAWS()
	t.Cleanup(a.Close)
	return a
}

func startAWS() *awsServer {
	a := &awsServer{secrets: map[string]*awsSecret{}}
	a.Server = httptest.NewServer(http.HandlerFunc(a.serve))
	return a
}

type request struct {
	SecretId, Name, ClientRequestToken, SecretString, Description, KmsKeyId string
}

func (a *awsServer) serve(w http.ResponseWriter, r *http.Request) {
	action, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.")
	if !ok || !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKID/") {
		refuse(w, "UnrecognizedClientException", "The security token included in the request is invalid.")
		return
	}
	var in request
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		refuse(w, "SerializationException", "")
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, action)
	var out map[string]any
	var problem string
	switch action {
	case "GetSecretValue":
		out, problem = a.get(in)
	case "PutSecretValue":
		out, problem = a.put(in.SecretId, in)
	case "CreateSecret":
		out, problem = a.create(in)
	default:
		problem = "UnknownOperationException"
	}
	if a.lose > 0 && action != "GetSecretValue" {
		a.lose--
		w.WriteHeader(http.StatusInternalServerError) // which the client repeats
		fmt.Fprint(w, `{"__type":"InternalServiceError"}`)
		return
	}
	if problem != "" {
		refuse(w, problem, action+" was refused")
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	json.NewEncoder(w).Encode(out)
}

func refuse(w http.ResponseWriter, kind, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(http.StatusBadRequest)
	json.NewEncoder(w).Encode(map[string]string{"__type": kind, "Message": message})
}

func (a *awsServer) get(in request) (map[string]any, string) {
	s := a.secrets[in.SecretId]
	if s == nil || s.current == "" {
		return nil, "ResourceNotFoundException"
	}
	return map[string]any{"Name": in.SecretId, "SecretString": s.versions[s.current], "VersionId": s.current, "VersionStages": []string{"AWSCURRENT"}}, ""
}

func (a *awsServer) put(name string, in request) (map[string]any, string) {
	s := a.secrets[name]
	if s == nil {
		return nil, "ResourceNotFoundException"
	}
	if n := len(in.ClientRequestToken); n < 32 || n > 64 || len(in.SecretString) > 65536 {
		return nil, "InvalidParameterException"
	}
	stored, exists := s.versions[in.ClientRequestToken]
	switch {
	case exists && stored != in.SecretString:
		return nil, "ResourceExistsException"
	case !exists:
		s.versions[in.ClientRequestToken] = in.SecretString
		s.current = in.ClientRequestToken
	}
	return map[string]any{"Name": name, "VersionId": in.ClientRequestToken, "VersionStages": []string{"AWSCURRENT"}}, ""
}

func (a *awsServer) create(in request) (map[string]any, string) {
	if s := a.secrets[in.Name]; s != nil {
		if stored, ok := s.versions[in.ClientRequestToken]; !ok || stored != in.SecretString {
			return nil, "ResourceExistsException"
		}
	} else {
		a.secrets[in.Name] = &awsSecret{versions: map[string]string{}}
	}
	return a.put(in.Name, in)
}

// set is somebody else's version; "" is a secret without any.
func (a *awsServer) set(name, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := &awsSecret{versions: map[string]string{}}
	if text != "" {
		s.current = strings.Repeat("f", 32)
		s.versions[s.current] = text
	}
	a.secrets[name] = s
}

func (a *awsServer) latest(name string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.secrets[name]; s != nil {
		return s.current + " " + s.versions[s.current]
	}
	return ""
}
