package servertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// present gives the entries whose programs are on this machine, after
// installing what is missing where that can be done.
func present(ctx context.Context, entries []entry, log io.Writer) ([]entry, error) {
	packages := absent(entries)
	if len(packages) > 0 && canInstall() {
		fmt.Fprintf(log, "servertest: installing %s with apt-get; nothing of it is started as a service\n", strings.Join(packages, " "))
		if err := install(ctx, packages, log); err != nil {
			return nil, err
		}
		if packages = absent(entries); len(packages) > 0 {
			return nil, fmt.Errorf("the packages %s did not bring their programs", strings.Join(packages, " "))
		}
	}
	var have []entry
	for _, e := range entries {
		if len(e.missing()) == 0 {
			have = append(have, e)
		}
	}
	if len(packages) == 0 {
		return have, nil
	}
	advice := "apt-get install " + strings.Join(packages, " ")
	if strict() {
		return nil, fmt.Errorf("servers are missing, and CI=true: run %s as root", advice)
	}
	fmt.Fprintf(log, "servertest: going on without some servers, their tests are skipped; to have them: %s\n", advice)
	return have, nil
}

// absent lists the packages whose programs are not there.
func absent(entries []entry) []string {
	var packages []string
	for _, e := range entries {
		if len(e.missing()) > 0 {
			packages = append(packages, e.pkg)
		}
	}
	return packages
}

func canInstall() bool {
	_, err := exec.LookPath("apt-get")
	return err == nil && os.Geteuid() == 0
}

// policyFile is asked by Debian's packages whether they may start a service.
const policyFile = "/usr/sbin/policy-rc.d"

// install runs apt-get. Two runs at a time wait for each other.
func install(ctx context.Context, packages []string, log io.Writer) (err error) {
	unblock, err := blockServices()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unblock()) }()
	for _, args := range [][]string{
		{"update", "-q"},
		append([]string{"install", "-y", "-q", "--no-install-recommends"}, packages...),
	} {
		cmd := exec.CommandContext(ctx, "apt-get", append([]string{"-o", "DPkg::Lock::Timeout=300"}, args...)...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // lets it leave its data whole
		if out, err := cmd.CombinedOutput(); err != nil {
			_, _ = log.Write(out)
			return fmt.Errorf("apt-get %s: %w", args[0], err)
		}
	}
	return nil
}

// blockServices keeps packages from starting services while they are installed,
// unless somebody has decided about that already.
func blockServices() (unblock func() error, err error) {
	f, err := os.OpenFile(policyFile, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if errors.Is(err, os.ErrExist) {
		return func() error { return nil }, nil
	}
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString("#!/bin/sh\nexit 101\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(policyFile))
	}
	return func() error { return os.Remove(policyFile) }, nil
}
