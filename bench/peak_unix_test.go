//go:build unix

package main

import (
	"os/exec"
	"testing"
)

// The peak is the child's own, which allocates next to nothing.
func TestPeakMemory(t *testing.T) {
	cmd := exec.Command("go", "version")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if got := peakMemory(cmd.ProcessState); got < 1e6 || got > 1e9 {
		t.Errorf("%d bytes", got)
	}
}
