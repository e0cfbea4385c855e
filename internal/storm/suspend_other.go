//go:build !unix

package storm

import "os"

// suspend cannot stop a process here: the worker waits where it was told to, which
// stops its refresh and nothing else.
func suspend(*os.Process) (resume func()) { return func() {} }
