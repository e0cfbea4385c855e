package sim

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// pages are the HTML pages of the accounts server.
type pages struct {
	consent *template.Template
	failure *template.Template
	code    *template.Template
	done    *template.Template
}

func newPages() pages {
	frame := template.Must(template.New("frame").Parse(frameHTML))
	page := func(body string) *template.Template {
		return template.Must(template.Must(frame.Clone()).New("body").Parse(body))
	}
	return pages{consent: page(consentHTML), failure: page(failureHTML), code: page(codeHTML), done: page(doneHTML)}
}

// frameHTML is what the pages share. They work without scripts, down to narrow
// screens, in light and dark.
const frameHTML = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}} - accounts simulator</title>
<style nonce="{{.Nonce}}">
:root { color-scheme: light dark; --back: #f5f7f9; --surface: #fff; --line: #cfd7df; --text: #18212b; --muted: #52606d; --accent: #0b5fb8; }
@media (prefers-color-scheme: dark) { :root { --back: #11161c; --surface: #1a212a; --line: #3b4855; --text: #e6ebf0; --muted: #a5b1bd; --accent: #8cc0ff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1rem; background: var(--back); color: var(--text); font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 30rem; margin: 4vh auto 0; padding: 1.5rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--surface); }
h1 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
ul { margin: 0 0 1.25rem; padding-left: 1.25rem; overflow-wrap: anywhere; }
code { font-size: .9375em; }
input { display: block; width: 100%; min-height: 3rem; margin-top: .25rem; padding: .5rem .75rem; border: 1px solid var(--muted); border-radius: .5rem; background: var(--surface); color: inherit; font: inherit; }
button { display: block; width: 100%; min-height: 3rem; margin: .5rem 0; padding: .5rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--surface); color: inherit; font: inherit; font-weight: 550; cursor: pointer; }
button:hover { border-color: var(--accent); }
button[value="deny"] { border-color: transparent; color: var(--muted); font-weight: 400; }
small { color: var(--muted); font-weight: 400; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.note { margin: 1.25rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .9375rem; }
</style>
</head>
<body>
<main>
{{template "body" .}}
<p class="note">This is a simulator. No real account is involved.</p>
</main>
</body>
</html>
`

const consentHTML = `<h1>{{.Title}}</h1>
<p>The application <strong>{{.Client}}</strong> asks for{{if .Offline}} lasting{{end}} access to:</p>
<ul>{{range .Scopes}}<li><code>{{.}}</code></li>{{end}}</ul>
<form method="post" action="{{.Action}}">
{{range .Hidden}}<input type="hidden" name="{{.Name}}" value="{{.Value}}">
{{end}}{{range .Users}}<button type="submit" name="decision" value="{{.Email}}">Continue as {{.Name}} <small>({{.Email}})</small></button>
{{end}}<button type="submit" name="decision" value="deny">Deny</button>
</form>`

const failureHTML = `<h1>{{.Title}}</h1>
<p>The authorize request is not valid: <code>{{.Wrong}}</code>.</p>
<p>Nothing was granted and nobody was redirected. Correct the request and open it again.</p>`

const codeHTML = `<h1>{{.Title}}</h1>
<form method="get" action="device">
<label>The code that your device shows <input name="code" required autofocus autocomplete="off"></label>
<button type="submit">Continue</button>
</form>`

const doneHTML = `<h1>{{.Title}}</h1>
<p>You can close this page and go back to your device.</p>`

type hidden struct{ Name, Value string }

type offer struct{ Name, Email string }

// showConsent asks which user consents. The form carries the request with it
// and is checked again when it comes back.
func (p pages) showConsent(w http.ResponseWriter, req consentRequest, given params, users []*person) {
	p.ask(w, req, given, users, "auth", originOf(req.redirect))
}

// showDevice is the consent for a device, which nobody is redirected to.
func (p pages) showDevice(w http.ResponseWriter, req consentRequest, given params, users []*person) {
	p.ask(w, req, given, users, "device", "")
}

func (p pages) ask(w http.ResponseWriter, req consentRequest, given params, users []*person, action, target string) {
	var fields []hidden
	for _, name := range given.names() {
		fields = append(fields, hidden{name, given[name]})
	}
	var offers []offer
	for _, u := range users {
		name, _, _ := strings.Cut(u.Email, "@")
		offers = append(offers, offer{name, u.Email})
	}
	p.show(w, p.consent, http.StatusOK, target, map[string]any{
		"Title": "Sign in and allow access", "Client": req.client.ID, "Offline": req.offline,
		"Scopes": strings.Split(req.scope, ","), "Hidden": fields, "Users": offers, "Action": action,
	})
}

// askCode asks for the code that a device shows.
func (p pages) askCode(w http.ResponseWriter) {
	p.show(w, p.code, http.StatusOK, "", map[string]any{"Title": "Connect a device"})
}

// showAnswered ends the consent for a device.
func (p pages) showAnswered(w http.ResponseWriter) {
	p.show(w, p.done, http.StatusOK, "", map[string]any{"Title": "Your answer was taken down"})
}

func (p pages) showError(w http.ResponseWriter, wrong string) {
	p.show(w, p.failure, http.StatusBadRequest, "", map[string]any{"Title": "This request cannot be granted", "Wrong": wrong})
}

// show renders a page under a policy that allows nothing but its own style and
// form. formTarget is the origin the form may be redirected to: browsers hold
// form-action against the redirect as well.
func (p pages) show(w http.ResponseWriter, page *template.Template, status int, formTarget string, data map[string]any) {
	var b [16]byte
	rand.Read(b[:])
	nonce := base64.StdEncoding.EncodeToString(b[:])
	data["Nonce"] = nonce
	var text bytes.Buffer
	if err := page.ExecuteTemplate(&text, "frame", data); err != nil {
		panic("sim: " + err.Error())
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; form-action 'self' "+formTarget+"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(text.Bytes())
}

// originOf is the origin of a URL that has been checked, safe inside a policy.
func originOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || strings.ContainsAny(u.Host, " ;,'\"") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
