package oauth

import (
	"fmt"
	"io"
)

// String names the Keeper. What it holds stays inside, under every verb and in logs;
// and fmt, which takes no locks, does not read what others are just changing.
func (k *Keeper) String() string { return "oauth.Keeper" }

// Format is String under every verb and flag.
func (k *Keeper) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }
