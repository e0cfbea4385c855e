package servertest

import "os"

// The environment variables that say where the shared servers are. One that is
// set already, to a server of yours, is respected: that server is not started.
// The user in it must be allowed to create databases.
const (
	EnvMySQL       = "ZCRM_TEST_MYSQL"        // mysql://root:PASSWORD@HOST:PORT/zohooauth
	EnvMySQLSocket = "ZCRM_TEST_MYSQL_SOCKET" // path of the same server's socket, where root needs no password
	EnvPostgres    = "ZCRM_TEST_POSTGRES"     // postgres://USER:PASSWORD@HOST:PORT/postgres
	EnvPgBouncer   = "ZCRM_TEST_PGBOUNCER"    // as ZCRM_TEST_POSTGRES, in transaction mode
	EnvRedis       = "ZCRM_TEST_REDIS"        // redis://:PASSWORD@HOST:PORT/0
)

// strict: on a build server, what is missing is a failure.
func strict() bool { return os.Getenv("CI") == "true" }
