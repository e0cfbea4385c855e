package memory

import (
	"fmt"
	"io"
)

// String names the store. What is in it stays there, under every verb and in logs.
func (s *Store) String() string { return "memory.Store" }

// Format is String under every verb and flag.
func (s *Store) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }
