// Package servertest gives tests real database servers: MariaDB, PostgreSQL,
// PgBouncer and Redis.
//
// The servers that all tests share are started by the program next door, which
// runs any command with their addresses in its environment:
//
//	go run ./internal/servertest/with -- go test ./...
//
// A test asks for its own empty corner of one of them, a database or a key
// prefix that goes when the test ends:
//
//	url := servertest.Postgres(t)
//
// A test that wants to see a server die starts one of its own:
//
//	s := servertest.StartRedis(t)
//	s.Kill()
//	s.Restart()
//
// A server that is not there skips the test; with CI=true it fails it, so that
// no test goes missing unseen.
//
// The servers are for tests alone. They listen on 127.0.0.1 and survive being
// killed, but they leave out what guards data against a power cut: nothing is
// synced to the disk.
package servertest
