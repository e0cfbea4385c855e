package sqlite

import (
	"errors"
	"strings"

	"zohocrm/store/internal/sqlstore"
)

// SQLite's result codes, https://www.sqlite.org/rescode.html, as far as they mean
// something else than "not available". The low byte is the primary code.
const (
	codeBusy       = 5
	codeLocked     = 6
	codeReadOnly   = 8
	codeCorrupt    = 11
	codeProtocol   = 15 // another process is starting the write-ahead log
	codeConstraint = 19
	codeNotADB     = 26

	codePrimaryKey = codeConstraint | 6<<8
	codeTrigger    = codeConstraint | 7<<8
	codeUnique     = codeConstraint | 8<<8
	codeRowID      = codeConstraint | 10<<8
)

// classify implements Classify of the dialect. SQLite's messages name tables and
// columns but hold no values, so they can be shown; a trigger's words can hold any,
// and are not.
func classify(err error) (sqlstore.Failure, string) {
	var coded interface{ Code() int } // as of modernc.org/sqlite
	if !errors.As(err, &coded) {
		return byMessage(err.Error())
	}
	switch code := coded.Code(); {
	case code == codePrimaryKey, code == codeUnique, code == codeRowID:
		return sqlstore.Duplicate, err.Error()
	case code == codeTrigger:
		return sqlstore.Constraint, "constraint failed: a trigger refused it, in words that are not shown"
	default:
		return byCode(code & 0xff), err.Error()
	}
}

func byCode(primary int) sqlstore.Failure {
	switch primary {
	case codeBusy, codeLocked, codeProtocol:
		return sqlstore.Busy
	case codeReadOnly:
		return sqlstore.ReadOnly
	case codeCorrupt, codeNotADB:
		return sqlstore.Corrupt
	case codeConstraint:
		return sqlstore.Constraint
	}
	return sqlstore.Unavailable
}

// byMessage serves drivers whose errors have no method Code: SQLite's texts are
// the same in all of them. Which words are a trigger's cannot be told there, so
// only what is known is shown.
func byMessage(text string) (sqlstore.Failure, string) {
	for _, known := range []struct {
		text string
		sqlstore.Failure
	}{
		{"database is locked", sqlstore.Busy},
		{"table is locked", sqlstore.Busy},
		{"locking protocol", sqlstore.Busy},
		{"readonly database", sqlstore.ReadOnly},
		{"disk image is malformed", sqlstore.Corrupt},
		{"file is not a database", sqlstore.Corrupt},
		{"UNIQUE constraint failed", sqlstore.Duplicate},
		{"constraint failed", sqlstore.Constraint},
	} {
		if strings.Contains(text, known.text) {
			return known.Failure, known.text
		}
	}
	return sqlstore.Unavailable, "the database failed"
}
