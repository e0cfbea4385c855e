package loopback

import (
	"bytes"
	"crypto/rand"
	"errors"
	"html/template"
	"net/http"
)

// serve answers the redirect's path and the clean one, for GET only.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet:
		http.NotFound(w, r)
	case r.URL.EscapedPath() == s.clean:
		s.serveOutcome(w, r)
	case r.URL.EscapedPath() == s.path:
		s.serveRedirect(w, r)
	default:
		http.NotFound(w, r)
	}
}

// serveRedirect takes the first redirect that belongs to the login.
func (s *Server) serveRedirect(w http.ResponseWriter, r *http.Request) {
	err := s.read(r.URL.Query())
	if err != nil && s.stay != nil && errors.Is(err, s.stay) {
		show(w, http.StatusBadRequest, Outcome{
			Title: "This page does not belong to the login that is waiting",
			Text:  "Nothing was done with it, and the login goes on waiting. Use the page that zcrm opened last.",
		})
		return
	}
	s.mu.Lock()
	first := !s.taken
	s.taken = true
	s.mu.Unlock()
	if first {
		s.result <- err
	}
	headers(w.Header(), "")
	w.Header().Set("Location", s.clean)
	w.WriteHeader(http.StatusSeeOther)
}

// serveOutcome waits until the login has ended.
func (s *Server) serveOutcome(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	taken := s.taken
	s.mu.Unlock()
	if !taken {
		http.NotFound(w, r)
		return
	}
	select {
	case <-s.ended:
	case <-r.Context().Done():
		return
	}
	status := http.StatusOK
	if !s.outcome.OK {
		status = http.StatusBadRequest
	}
	show(w, status, s.outcome)
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.seen:
	default:
		close(s.seen)
	}
}

const pageHTML = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} - zcrm</title>
<style nonce="{{.Nonce}}">
:root { color-scheme: light dark; }
body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
<p>{{.Text}}</p>
</main>
</body>
</html>
`

// show writes a small page that loads nothing, runs nothing and is kept nowhere.
func show(w http.ResponseWriter, status int, o Outcome) {
	nonce := rand.Text()
	page := template.Must(template.New("page").Parse(pageHTML))
	var text bytes.Buffer
	err := page.Execute(&text, map[string]string{"Title": o.Title, "Text": o.Text, "Nonce": nonce})
	if err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	headers(w.Header(), nonce)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}

func headers(h http.Header, nonce string) {
	policy := "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	if nonce != "" {
		policy += "; style-src 'nonce-" + nonce + "'"
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	h.Set("Connection", "close")
}
