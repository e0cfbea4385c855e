package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"zohocrm/oauth"
)

//go:embed pages
var files embed.FS

// pages are the templates, one for each page inside the layout.
type pages struct{ byName map[string]*template.Template }

func newPages() (pages, error) {
	p := pages{byName: make(map[string]*template.Template)}
	layout, err := template.ParseFS(files, "pages/layout.html")
	if err != nil {
		return p, err
	}
	for _, name := range []string{"home", "leads", "disconnect", "failure"} {
		page, err := layout.Clone()
		if err == nil {
			_, err = page.ParseFS(files, "pages/"+name+".html")
		}
		if err != nil {
			return p, err
		}
		p.byName[name] = page
	}
	return p, nil
}

// notice is what the last step led to, shown once on the page that follows.
type notice struct {
	Bad   bool
	Title string
	Text  string
}

// noticeFor explains the words that [app.send] sets. An unknown one, which
// somebody has put into their own cookie, says nothing.
func noticeFor(word string) (notice, bool) {
	n, ok := map[string]notice{
		"connected":    {Title: "You are connected", Text: "The tokens are kept on this server and renewed when needed."},
		"signedout":    {Title: "You are signed out of this browser", Text: "The connection to Zoho stays, for the next time you sign in."},
		"disconnected": {Title: "You are disconnected", Text: "Zoho has revoked the access, and the tokens are deleted."},
		"unrevoked":    {true, "Zoho could not be told yet", "The tokens are marked as revoked and are not used any more. Zoho is told as soon as it can be reached."},
		"refused":      {true, "You did not consent", "Nothing was saved. Connect again if you have changed your mind."},
		"state":        {true, "That did not belong to a login of this browser", "Nothing was saved. Begin again with the button below; finish in the same browser, within ten minutes."},
		"untrusted":    {true, "That did not come from Zoho", "It named a server that is not one of Zoho's, and nothing was sent there."},
		"late":         {true, "Zoho's answer was too old", "It is valid for a few minutes, once. Connect again."},
		"throttled":    {true, "Zoho asks for a pause", "There were too many logins in a short time. Connect again in some minutes."},
		"mismatch":     {true, "The account is not the one that was expected", "Nothing was changed. Connect again with the account you used before."},
		"store":        {true, "The tokens could not be saved", "Our store does not answer. Connect again in a minute."},
		"failed":       {true, "The connection could not be made", "Nothing was saved. Connect again in a minute."},
		"signin":       {true, "Please sign in", "You were not signed in, or not any more: a session ends after a while without use."},
		"gone":         {true, "Your connection has ended", "It was disconnected from another place. Connect again to see your leads."},
		"consent":      {true, "Zoho wants your consent again", "It was withdrawn at Zoho, or has run out. Connect again to see your leads."},
	}[word]
	return n, ok
}

// show renders a page. It is rendered as a whole before the first byte is sent, so
// that nobody gets half of one.
func (a *app) show(w http.ResponseWriter, r *http.Request, status int, page, title string, body any) {
	view := map[string]any{"Title": title, "Page": page, "Body": body, "Person": ""}
	if s, ok := a.signedIn(r); ok {
		view["Person"] = nameOf(s.user)
	}
	if word := a.cookie(r, noticeCookie); word != "" {
		if n, ok := noticeFor(word); ok {
			view["Notice"] = n
		}
		a.setCookie(w, noticeCookie, "", -time.Second)
	}
	var text bytes.Buffer
	if err := a.pages.byName[page].ExecuteTemplate(&text, "layout", view); err != nil {
		a.log.Error("a page could not be rendered", "page", page, "error", err)
		http.Error(w, "This page could not be made.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = text.WriteTo(w) // who has left misses nothing
}

// fail shows a page about what went wrong.
func (a *app) fail(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	a.show(w, r, status, "failure", title, text)
}

// nameOf is how a person is addressed: names are email:organisation.
func nameOf(user oauth.Token) string {
	if i := strings.LastIndex(user.UserName, ":"); i > 0 {
		return user.UserName[:i]
	}
	if user.UserName != "" {
		return user.UserName
	}
	return fmt.Sprintf("user %s", user.ID)
}

func (p pages) style(w http.ResponseWriter, r *http.Request) { p.file(w, r, "style.css") }

func (p pages) icon(w http.ResponseWriter, r *http.Request) { p.file(w, r, "icon.svg") }

// file serves an embedded file, which browsers may keep for a while: it is
// everybody's.
func (p pages) file(w http.ResponseWriter, r *http.Request, name string) {
	w.Header().Set("Cache-Control", "public, max-age=300")
	http.ServeFileFS(w, r, files, "pages/"+name)
}
