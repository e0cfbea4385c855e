package browsertest

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// StepTime is the longest that one step of a [Person] may take. It is generous,
// for machines on which much else runs.
const StepTime = 30 * time.Second

// Browser is one running Chromium. Its persons share the process and nothing else.
type Browser struct{ ctx context.Context }

// Start starts a browser, which ends with the test. It keeps nothing of an earlier
// one and asks no service of its maker.
func Start(t testing.TB) *Browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program(t)),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, // containers, and root, have none to give
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-proxy-server", true), // all that is opened is on this machine
		chromedp.Flag("lang", "en-US"),
		chromedp.WindowSize(1280, 800),
	)
	// Not the test's context: that ends before the cleanups, and the browser must
	// leave its profile before the folder is removed.
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // starts it
		t.Fatalf("the browser does not start: %v", err)
	}
	t.Cleanup(func() {
		ending, cancel := context.WithTimeout(ctx, StepTime)
		defer cancel()
		if err := chromedp.Cancel(ending); err != nil {
			t.Logf("the browser did not end well: %v", err)
		}
	})
	return &Browser{ctx}
}

// Person opens a tab with cookies and a cache of its own, as another person at
// another computer has. It is closed when t ends. A Person is for one goroutine.
func (b *Browser) Person(t testing.TB) *Person {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("the tab does not open: %v", err)
	}
	return &Person{t: t, ctx: ctx}
}

// Screen says what a person looks at. The zero values are those of a desk.
type Screen struct {
	Width, Height int64 // 0: 1280 by 800
	Mobile        bool  // a phone: the page's viewport counts, fingers touch
	Dark          bool  // the person prefers dark pages
	NoScript      bool  // scripts of pages do not run
}

// Use changes the person's screen, from the next page on.
func (p *Person) Use(s Screen) {
	p.t.Helper()
	if s.Width == 0 {
		s.Width, s.Height = 1280, 800
	}
	var options []chromedp.EmulateViewportOption
	if s.Mobile {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	scheme := "light"
	if s.Dark {
		scheme = "dark"
	}
	p.do("use another screen", chromedp.EmulateViewport(s.Width, s.Height, options...),
		chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			if err == nil {
				_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: s.NoScript})
			}
			return err
		}))
}
