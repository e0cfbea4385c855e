package servertest

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// account is who servers run as: whoever we are, or nobody in place of root,
// as which PostgreSQL and PgBouncer refuse to run.
type account struct {
	drop     bool
	uid, gid int
}

func unprivileged() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		return account{}, fmt.Errorf("servers do not run as root: %w", err)
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err1 != nil || err2 != nil {
		return account{}, fmt.Errorf("the user nobody has the IDs %q and %q", u.Uid, u.Gid)
	}
	return account{drop: true, uid: uid, gid: gid}, nil
}

// own hands a file or folder to the account.
func (a account) own(path string) error {
	if !a.drop {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}

// attributes keep signals typed at the terminal away from the server, and end
// it with a signal when this process dies, however it dies.
func (a account) attributes(atOurEnd syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: atOurEnd}
	if a.drop {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}
