//go:build !linux

package servertest

import "syscall"

// account is who servers run as: whoever we are.
type account struct{}

func unprivileged() (account, error) { return account{}, nil }

func (a account) own(string) error { return nil }

// attributes are none: a server outlives this process if it is killed.
func (a account) attributes(syscall.Signal) *syscall.SysProcAttr { return nil }
