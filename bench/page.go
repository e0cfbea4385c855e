package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// page is docs/performance.md.
type page struct {
	results []result
	figures []figure
}

// verdict is an error if targets were missed. Not strictly, only those count that
// no noise can spoil.
func (p page) verdict(strict bool) error {
	missed := 0
	for _, r := range p.results {
		if strict && !r.met() {
			missed++
		}
	}
	for _, f := range p.figures {
		if (strict || f.exact) && !f.ok {
			missed++
		}
	}
	if missed > 0 {
		return fmt.Errorf("%d of the targets missed", missed)
	}
	return nil
}

// text is the page. What a row measures stands in its first column and what it is
// compared with, or measured by, in its third: they are the same in every run.
func (p page) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Performance

Written by `+"`make bench`"+`; do not edit. Single times say more about the machine (%s, %s/%s, %d cores) than about the program.
The database servers ran on it too; they write each commit, and do not sync it to the disk.

## Ratios

Ours and the other side took turns within one run, and the median pair is shown.

| what | ours | compared with | theirs | measured | target | |
|---|---|---|---|---|---|---|
`, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, r := range p.results {
		fmt.Fprintf(&b, "| %s | %v | %s | %v | %s | %s | %s |\n", r.name, short(r.pair.ours), r.other, short(r.pair.theirs), r.measured(), r.target(), r.mark())
	}
	b.WriteString("\n## Counted\n\n| what | measured | by | target | |\n|---|---|---|---|---|\n")
	for _, f := range p.figures {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.name, f.text, f.how, f.target, f.mark())
	}
	if cpu := processor(); cpu != "" {
		fmt.Fprintf(&b, "\nProcessor: %s.\n", cpu)
	}
	return b.Bytes()
}

// processor is the model's name where the system tells it (Linux); else "".
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
