package csvfile

import (
	"fmt"
	"io"
)

// String names the file. What is in it stays there, under every verb and in logs.
func (s *Store) String() string { return "csvfile.Store(" + s.path + ")" }

// Format is String under every verb and flag.
func (s *Store) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }
