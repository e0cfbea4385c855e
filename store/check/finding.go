package check

import "context"

// Severity ranks a [Finding].
type Severity int

// The severities, the worst last.
const (
	Note    Severity = iota // worth knowing; nothing has to be done
	Warning                 // it works, and something should be done
	Failure                 // it does not work, or tokens are or will be lost
)

// Finding is one thing that was noticed, in one line.
type Finding struct {
	Severity Severity
	// Code names the kind of finding for programs, in words joined by hyphens:
	// "missing-index". It does not change between releases.
	Code string
	// Text says what was noticed, and where. It holds no secret.
	Text string
	// Remedy says what to do about it: a statement, a command, a setting; "" where
	// nothing has to be done.
	Remedy string
}

// Inspector is implemented by a store that knows more of itself than its tokens
// show: its schema, its indexes, its file's mode, its server's clock. It changes
// nothing. An error means that it could not look; findings before it stand.
type Inspector interface {
	Inspect(ctx context.Context) ([]Finding, error)
}
