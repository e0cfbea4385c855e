//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory is the most that a process, which has ended, had in memory, in bytes;
// 0: not known.
func peakMemory(p *os.ProcessState) int64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss)
	}
	return int64(usage.Maxrss) * 1024
}
