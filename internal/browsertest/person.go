package browsertest

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Person is somebody at a browser. Its methods fail the test when a step does not
// work.
type Person struct {
	t      testing.TB
	ctx    context.Context
	status int64 // of the page that was opened last
}

// Keys for [Person.Press] and [Person.PressAndGo].
const (
	Tab   = kb.Tab
	Enter = kb.Enter
)

// Open goes to an address, follows redirects, and waits until the page is loaded.
func (p *Person) Open(url string) {
	p.t.Helper()
	p.load("open "+plain(url), chromedp.Navigate(url))
}

// Follow clicks on the first element that the CSS selector finds, and waits until
// the page to which that leads is loaded.
func (p *Person) Follow(selector string) {
	p.t.Helper()
	p.load("follow "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Press presses a key that leads to no other page.
func (p *Person) Press(key string) {
	p.t.Helper()
	p.do("press a key", chromedp.KeyEvent(key))
}

// PressAndGo presses a key and waits until the page to which that leads is loaded.
func (p *Person) PressAndGo(key string) {
	p.t.Helper()
	p.load("press a key and go", chromedp.KeyEvent(key))
}

// Back goes to the page before.
func (p *Person) Back() {
	p.t.Helper()
	p.do("go back", chromedp.NavigateBack())
}

// Status is the HTTP status of the page that was opened last.
func (p *Person) Status() int { return int(p.status) }

// Text is what a person reads in the first element that the CSS selector finds.
func (p *Person) Text(selector string) string {
	p.t.Helper()
	text, err := run(p, chromedp.Text(chromedp.CSS(selector)))
	p.must("read "+selector, err)
	return strings.TrimSpace(text)
}

// Address is what the address bar shows.
func (p *Person) Address() string {
	p.t.Helper()
	address, err := run(p, chromedp.Location())
	p.must("read the address", err)
	return address
}

// History lists the addresses that the back button reaches, the present one last.
func (p *Person) History() []string {
	p.t.Helper()
	entries, err := run(p, chromedp.NavigationEntries())
	p.must("read the history", err)
	var all []string
	for _, e := range entries.Entries {
		all = append(all, e.URL)
	}
	return all
}

// Screenshot is the window as PNG.
func (p *Person) Screenshot() []byte {
	p.t.Helper()
	png, err := run(p, chromedp.CaptureScreenshot())
	p.must("take a screenshot", err)
	return png
}

// Ask evaluates a JavaScript expression in the page. It works where scripts of
// pages are forbidden, by policy or by [Screen].NoScript.
func Ask[T any](p *Person, expression string) T {
	p.t.Helper()
	answer, err := run(p, chromedp.Evaluate[T](expression))
	p.must("ask the page", err)
	return answer
}

// load runs what leads to another page and waits for it.
func (p *Person) load(what string, action chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	var resp *network.Response
	err := p.step(func(ctx context.Context) (err error) {
		resp, err = chromedp.RunResponse(ctx, action)
		return err
	})
	p.must(what, err)
	p.status = 0
	if resp != nil {
		p.status = resp.Status
	}
}

func (p *Person) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	p.must(what, p.step(func(ctx context.Context) error { return chromedp.Do(ctx, actions...) }))
}

func run[T any](p *Person, action chromedp.Action[T]) (answer T, err error) {
	err = p.step(func(ctx context.Context) (err error) {
		answer, err = chromedp.Run(ctx, action)
		return err
	})
	return answer, err
}

// step bounds one step.
func (p *Person) step(f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(p.ctx, StepTime)
	defer cancel()
	return f(ctx)
}

func (p *Person) must(what string, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("browser: %s: %v", what, err)
	}
}

// plain is an address without its query, which may hold a secret.
func plain(url string) string {
	before, _, _ := strings.Cut(url, "?")
	return before
}
