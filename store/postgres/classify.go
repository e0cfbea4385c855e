package postgres

import (
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"

	"zohocrm/store/internal/sqlstore"
)

// classify implements Classify of the dialect. An error of the server is known by
// its SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html.
func classify(err error) (sqlstore.Failure, string) {
	var server interface {
		error
		SQLState() string // as of pgx and others
	}
	if errors.As(err, &server) {
		code := server.SQLState()
		return byState(code), ofServer(code, server.Error())
	}
	if strings.Contains(err.Error(), "failed to encode args") {
		return sqlstore.Constraint, "a value does not fit the type of its column"
	}
	return sqlstore.Unavailable, ofClient(err)
}

func byState(code string) sqlstore.Failure {
	switch code {
	case "23505", "42P07", "42710": // the last two: another program has just made the table, the index
		return sqlstore.Duplicate
	case "40001", "40P01", "55P03": // serialization failure, deadlock, lock_timeout
		return sqlstore.Busy
	case "25006": // also of a standby
		return sqlstore.ReadOnly
	case "42501", "3F000": // the latter: there is no schema in which this user may make something
		return sqlstore.Denied
	case "XX001", "XX002":
		return sqlstore.Corrupt
	}
	switch class(code) {
	case "22", "23", "44", "P0":
		return sqlstore.Constraint
	}
	return sqlstore.Unavailable
}

func class(code string) string { return code[:min(2, len(code))] }

// ofServer is a text of the server with what to do about it, or, where the text
// could quote a value, another one.
func ofServer(code, text string) string {
	switch class(code) {
	case "22":
		return "a value does not fit the type, the length or the character set of its column (SQLSTATE " + code + ")"
	case "P0":
		return "a trigger of the table refused it (SQLSTATE " + code + ")"
	case "08", "0A", "23", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58", "XX":
		return oneLine(text) + remedy(code, text)
	}
	return "SQLSTATE " + code
}

func remedy(code, text string) string {
	switch code {
	case "08P01":
		return poolerRemedy(text)
	case "28P01", "28000":
		return "; check the user, the password and pg_hba.conf"
	case "3D000":
		if missing := regexp.MustCompile(`database "(.+)" does not exist`).FindStringSubmatch(text); missing != nil {
			return "; make it: CREATE DATABASE " + quote(missing[1]) + "; or name another"
		}
		return "; make the database, or name another"
	case "53300":
		return "; let the pool open fewer connections, or raise max_connections"
	case "26000", "42P05":
		return "; behind a pooler in transaction mode say ?pooler=transaction in the store's URL; in Go set Config.Pooler, and open the database with default_query_exec_mode=exec"
	}
	return ""
}

// poolerRemedy is what to do about what PgBouncer says of itself, all of which it
// says under one code.
func poolerRemedy(text string) string {
	for _, p := range []struct{ says, remedy string }{
		{"authentication failed", "check the user and the password, which the pooler compares with those in its auth_file"},
		{"no such user", "check the user, or add it to the pooler's auth_file"},
		{"no such database", "check the database, or add it to the pooler's [databases]"},
		{"does not exist", "make the database, or name another"},
		{"no more connections allowed", "let the pool open fewer connections, or raise the pooler's max_client_conn"},
		{"cannot connect", "see that the pooler's server runs"},
		{"login", "the pooler is not let in by its server, or does not reach it: look at the pooler's log"},
	} {
		if strings.Contains(text, p.says) {
			return "; " + p.remedy
		}
	}
	return ""
}

// ofClient describes an error that the driver met on this side. Only errors of
// known kinds are quoted: one about an argument would quote the argument.
func ofClient(err error) string {
	var network *net.OpError
	var ours setupError
	if errors.As(err, &ours) {
		return ours.Error()
	}
	switch text := err.Error(); {
	case strings.HasPrefix(text, "failed to connect"):
		return oneLine(strings.ReplaceAll(text, ": %!w(<nil>)", "")) + unconnected(err, text) // pgx 5.12 formats no error there
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "the connection was lost"
	case errors.As(err, &network):
		return oneLine(network.Error())
	case strings.HasPrefix(text, "cannot parse"):
		return "the connection string cannot be parsed"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return fmt.Sprintf("the driver failed (%T)", err)
}

// unconnected is what to do where no connection came about; "": the error says it.
func unconnected(err error, text string) string {
	var name *net.DNSError
	var unknown *tls.CertificateVerificationError
	var network *net.OpError
	switch {
	case strings.Contains(text, "received unexpected message"):
		return "; this does not look like a PostgreSQL server: check host and port"
	case strings.Contains(text, "server refused TLS connection"):
		return "; let the server offer TLS, or name another sslmode"
	case errors.As(err, &unknown):
		return "; name the authority that signed it (sslrootcert, in a store's URL ca), and the host as in the certificate"
	case errors.As(err, &name):
		return "; see that the name of the host is right"
	case errors.As(err, &network) && network.Op == "dial":
		return "; see that the server runs, and that this is its address"
	}
	return ""
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
