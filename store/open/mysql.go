package open

import (
	"context"

	"zohocrm/store/mysql"
)

// openMySQL opens a store in MySQL or MariaDB.
func openMySQL(ctx context.Context, a address, cfg Config) (*Store, error) {
	password, err := a.secret(cfg)
	if err != nil {
		return nil, err
	}
	conns, err := a.maxConns()
	if err != nil {
		return nil, err
	}
	mode := mysql.TLS(a.options["tls"])
	if a.options["ca"] != "" && mode == mysql.TLSPreferred {
		mode = mysql.TLSVerify // what else would the authority be for
	}
	s, err := mysql.Open(ctx, mysql.Config{
		Host: a.host, Port: a.port, Database: a.database, Table: a.options["table"], User: a.user, Password: password,
		Socket: a.options["socket"], TLS: mode, CAFile: a.options["ca"],
		MaxConns: conns, MaxIdleConns: min(conns, idleConns), ConnectTimeout: connectTime, ReadOnly: cfg.ReadOnly, Now: cfg.Now, Logger: cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	return &Store{Store: s, close: s.Close}, nil
}
