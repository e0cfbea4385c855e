package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/url"
	"strings"

	"zohocrm/oauth"
)

// maxAddress bounds a pasted address, in bytes.
const maxAddress = 16 << 10

// byHand prints the consent page's address and reads the one to which the
// browser was sent back. A pasted address that belongs to another login is told,
// and the next line is read.
func (o loginOptions) byHand(ctx context.Context, s *session, client oauth.Token, r oauth.AuthorizeRequest, page string) error {
	o.app.tell("Open this page in a browser, on any machine:")
	o.app.tell("%s", page)
	o.app.tell("After consent the browser is sent to an address that begins with %s. It need not load: copy the whole address and enter it here.", o.redirectURL)
	waiting, cancel := context.WithTimeoutCause(ctx, o.wait, errNoConsent)
	defer cancel()
	lines := linesOf(waiting, o.app.in)
	var wrong error
	for {
		select {
		case <-waiting.Done():
			return context.Cause(waiting)
		case line, ok := <-lines:
			if !ok {
				if wrong == nil {
					wrong = usagef("no address came on stdin: enter the one to which the browser was sent")
				}
				return wrong
			}
			back, err := o.parse(line, r, s)
			if errors.Is(err, oauth.ErrBadState) || isUsage(err) {
				o.app.tell("zcrm: %v; enter the address to which the browser was sent just now", err)
				wrong = err
				continue
			}
			if err != nil {
				return err
			}
			return o.connect(ctx, s, consented(client, r, back))
		}
	}
}

func (o loginOptions) parse(line string, r oauth.AuthorizeRequest, s *session) (oauth.Callback, error) {
	u, err := url.Parse(line)
	if err != nil || u.RawQuery == "" || !strings.HasPrefix(line, o.redirectURL) {
		return oauth.Callback{}, usagef("this is not an address that begins with %s", o.redirectURL)
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return oauth.Callback{}, usagef("the address cannot be read")
	}
	return oauth.ParseCallback(q, r.State, o.app.set.home, s.directory)
}

// linesOf reads lines that are not empty until r or ctx ends. Its goroutine may
// stay in a read that only the end of the program breaks off: a terminal's.
func linesOf(ctx context.Context, r io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scan := bufio.NewScanner(r)
		scan.Buffer(nil, maxAddress)
		for scan.Scan() {
			line := strings.TrimSpace(scan.Text())
			if line == "" {
				continue
			}
			select {
			case lines <- line:
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}
