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
func page(done []result) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Performance

Written by `+"`make bench`"+`; do not edit. Each row is a ratio within one run: ours and the other side took turns, and the median
pair is shown. Single times say more about the machine (%s, %s/%s, %d cores) than about the program; the ratios are what we keep.

| what | ours | compared with | theirs | measured | target | |
|---|---|---|---|---|---|---|
`, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, r := range done {
		mark := "met"
		switch {
		case r.atMost == 0 && r.faster == 0:
			mark = ""
		case !r.met():
			mark = "**missed**"
		}
		fmt.Fprintf(&b, "| %s | %v | %s | %v | %s | %s | %s |\n", r.name, r.our, r.other, r.their, r.measured(), r.target(), mark)
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
