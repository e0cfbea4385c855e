package zohocrm_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFuzzRepeatsOnlyWhatWasCutOff runs .ci/fuzz with a go command that answers with
// what the fuzzer printed in earlier runs: one run that its own end cut off is
// repeated, three are a failure, and a finding is one at once.
func TestFuzzRepeatsOnlyWhatWasCutOff(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash runs .ci/fuzz, and is not here")
	}
	const (
		passes  = "PASS\nok  \tp\t10.1s\n"
		cut     = "--- FAIL: FuzzX (10.03s)\n    context deadline exceeded\nFAIL\nexit status 1\nFAIL\tp\t10.0s\n"
		finding = "--- FAIL: FuzzX (0.03s)\n    --- FAIL: FuzzX (0.00s)\n        x_test.go:9: context deadline exceeded\n    \n" +
			"    Failing input written to testdata/fuzz/FuzzX/1\nFAIL\nexit status 1\nFAIL\tp\t0.1s\n"
		atTheEnd = "--- FAIL: FuzzX (10.03s)\n    context deadline exceeded\n    x_test.go:9: found\nFAIL\nexit status 1\nFAIL\tp\t10.0s\n"
		noBuild  = "# p\n./x.go:1:1: expected 'package'\nFAIL\tp [build failed]\nFAIL\n"
	)
	for name, c := range map[string]struct {
		answers []string
		runs    int
		fails   bool
	}{
		"passes":               {[]string{passes}, 1, false},
		"cut off once":         {[]string{cut, passes}, 2, false},
		"always cut off":       {[]string{cut, cut, cut, passes}, 3, true},
		"a finding":            {[]string{finding, passes}, 1, true},
		"a finding at the end": {[]string{atTheEnd, passes}, 1, true},
		"cut off, then finds":  {[]string{cut, finding, passes}, 2, true},
		"does not build":       {[]string{noBuild, passes}, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for i, a := range c.answers {
				write(t, filepath.Join(dir, string(rune('1'+i))), a, 0o600)
			}
			runs := filepath.Join(dir, "runs")
			write(t, runs, "", 0o600)
			fake := filepath.Join(dir, "go")
			write(t, fake, `#!/bin/sh
case "$*" in
list*) echo p ;;
*-list*) printf 'FuzzX\nok\n' ;;
*) echo >>"`+runs+`"; n=$(wc -l <"`+runs+`"); cat "`+dir+`/$n"; ! grep -q FAIL "`+dir+`/$n" ;;
esac
`, 0o700)
			cmd := exec.CommandContext(t.Context(), bash, ".ci/fuzz", "10s")
			cmd.Env = append(os.Environ(), "GO="+fake)
			out, err := cmd.CombinedOutput()
			if (err != nil) != c.fails {
				t.Errorf("it ended with %v\n%s", err, out)
			}
			done, err := os.ReadFile(runs)
			if n := strings.Count(string(done), "\n"); err != nil || n != c.runs {
				t.Errorf("%d runs (%v), want %d\n%s", n, err, c.runs, out)
			}
		})
	}
}

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}
