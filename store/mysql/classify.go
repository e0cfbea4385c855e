package mysql

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"

	"github.com/go-sql-driver/mysql"

	"zohocrm/store/internal/sqlstore"
)

// The server's error numbers that are asked for by name.
const (
	databaseDenied       = 1044
	accessDenied         = 1045
	accessDeniedByPlugin = 1698
	unknownDatabase      = 1049
	noDatabase           = 1046 // a connection without one
	noSuchTable          = 1146
)

// known says what an error number means.
type known struct {
	sqlstore.Failure
	// text describes it; "": the server's own words do, which name users, hosts,
	// tables and columns for this number, and no value of any row.
	text string
}

// meaning of error numbers, as MySQL (https://dev.mysql.com/doc/mysql-errors/8.4/en/)
// and MariaDB (https://mariadb.com/kb/en/mariadb-error-code-reference/) number them.
func meaning(number uint16) (known, bool) {
	switch number {
	case 1205:
		return known{sqlstore.Busy, "a lock was waited for too long"}, true
	case 1213:
		return known{sqlstore.Busy, "a deadlock"}, true
	case 1020: // MariaDB with innodb_snapshot_isolation
		return known{sqlstore.Busy, "another program changed the row meanwhile"}, true
	case 1615:
		return known{sqlstore.Busy, "the table was altered meanwhile"}, true
	case 1062, 1586:
		return known{sqlstore.Duplicate, "the key is there already"}, true
	case 1050: // two programs make the tables at the same time
		return known{sqlstore.Duplicate, "the table is there already"}, true
	case 1406, 1366, 1264, 3988:
		return known{sqlstore.Unfit, ""}, true
	case 1048, 1364, 1452, 3819, 4025, 1644:
		return known{sqlstore.Constraint, "a constraint or trigger of the table forbids it"}, true
	case 1290, 1792, 1836:
		return known{sqlstore.ReadOnly, "the server or the session is read-only: name the primary server"}, true
	case 1044, 1045, 1142, 1143, 1227, 1370, 1698:
		return known{sqlstore.Denied, ""}, true
	case 126, 127, 144, 145, 1194, 1195, 1712:
		return known{sqlstore.Corrupt, "the table is damaged"}, true
	case 1665:
		return known{sqlstore.Unavailable, "the server's binlog_format is STATEMENT: set it to MIXED or ROW"}, true
	case 1040, 1203, 1226:
		return known{sqlstore.Unavailable, "the server has no connection to give: allow more, or limit the pools of its users"}, true
	case 1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 4031:
		return known{sqlstore.Unavailable, "the server ended the connection"}, true
	case 1820, 1862:
		return known{sqlstore.Unavailable, "the password has to be changed first"}, true
	case 1129, 1130, 1049, 1054, 1146:
		return known{sqlstore.Unavailable, ""}, true
	}
	return known{}, false
}

// classify implements Classify of the dialect. The server's messages quote values, so
// they are shown only for numbers that do not.
func classify(err error) (sqlstore.Failure, string) {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return ofConnection(err)
	}
	is, found := meaning(e.Number)
	switch {
	case !found:
		return sqlstore.Unavailable, fmt.Sprintf("the server refused it with error %d (%s)", e.Number, e.SQLState[:])
	case is.Failure == sqlstore.Unfit:
		if column := columnIn(e.Message); column != "" {
			return sqlstore.Unfit, column
		}
		return sqlstore.Constraint, "a column cannot hold a value"
	case is.text == "":
		return is.Failure, oneLine(e.Message)
	}
	return is.Failure, is.text
}

// ofConnection describes errors that no server sent.
func ofConnection(err error) (sqlstore.Failure, string) {
	var network net.Error
	var ours setupError
	switch {
	case errors.As(err, &ours):
		return sqlstore.Unavailable, ours.Error()
	case errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return sqlstore.Unavailable, "the connection was lost"
	case errors.As(err, &network) && network.Timeout():
		return sqlstore.Unavailable, "the server did not answer in time"
	}
	return sqlstore.Unavailable, oneLine(err.Error())
}

// columnIn finds the column that a message is about, behind the value that it
// quotes: "... for column 'user_name' at row 1", and with MariaDB
// "... for column `db`.`oauthtoken`.`user_name` at row 1".
func columnIn(message string) string {
	found := regexp.MustCompile("(?i)column (?:`[^`]*`\\.`[^`]*`\\.)?[`'](\\w+)[`'] at row \\d+$").FindStringSubmatch(message)
	if found == nil {
		return ""
	}
	return strings.ToLower(found[1])
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
