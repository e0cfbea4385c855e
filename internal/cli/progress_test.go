package cli

import (
	"bytes"
	"testing"
	"time"

	"zohocrm/crm"
)

func TestProgressLine(t *testing.T) {
	var errs bytes.Buffer
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a := newApp(nil, nil, &errs, nil)
	a.now = func() time.Time { return now }
	left := crm.Credits{Remaining: -1}
	p := a.progressOf("record", func() crm.Credits { return left }, false)
	if p.on {
		t.Error("progress is drawn where there is no terminal")
	}
	p.add(1)
	p.stop()
	if errs.Len() > 0 {
		t.Errorf("without a terminal it said %q", errs.String())
	}

	p.on, p.done = true, 0
	p.add(1) // too early
	now = now.Add(2 * time.Second)
	p.at(2000)
	left.Remaining = 4500
	p.add(2000) // too soon after the last
	now = now.Add(2 * time.Second)
	p.of(50000)
	p.add(8000)
	p.say("sorting")
	p.stop()
	p.add(1)
	want := "\r2,000 records, 1,000 a second" +
		"\r12,000 of 50,000 records, 3,000 a second, 4,500 credits left" +
		"\rsorting: 12,000 of 50,000 records, 3,000 a second, 4,500 credits left"
	clean := "\r" + string(bytes.Repeat([]byte(" "), len("sorting: 12,000 of 50,000 records, 3,000 a second, 4,500 credits left"))) + "\r"
	if got := errs.String(); got != want+clean {
		t.Errorf("drawn\n%q\nwant\n%q", got, want+clean)
	}
}
