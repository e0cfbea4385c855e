package sqlstore

import "database/sql"

// query reads on the transaction's connection.
func (t *transaction) query(text string, args ...any) (*sql.Rows, error) {
	stmt, err := t.prepared(text)
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return t.on().QueryContext(t.ctx, text, args...)
	}
	return stmt.QueryContext(t.ctx, args...)
}

// exec writes on the transaction's connection.
func (t *transaction) exec(text string, args ...any) error {
	t.wrote = true
	return t.execQuietly(text, args...)
}

// execQuietly writes what is, alone, no reason to commit.
func (t *transaction) execQuietly(text string, args ...any) error {
	stmt, err := t.prepared(text)
	switch {
	case err != nil:
	case stmt == nil:
		_, err = t.on().ExecContext(t.ctx, text, args...)
	default:
		_, err = stmt.ExecContext(t.ctx, args...)
	}
	return fromDriver(err)
}

// prepared gives the statement of a text that is used for the second time or
// more, as those of a batch are: it is then worth preparing. Else it gives nil.
func (t *transaction) prepared(text string) (*sql.Stmt, error) {
	if t.dialect.NoPrepare {
		return nil, nil
	}
	stmt, again := t.texts[text]
	if stmt == nil && t.tx != nil {
		if kept := t.kept.statement(text, keptSize); kept != nil {
			stmt = t.tx.StmtContext(t.ctx, kept)
			t.texts[text] = stmt
		}
	}
	if !again && stmt == nil {
		t.texts[text] = nil
		return nil, nil
	}
	if stmt == nil {
		var err error
		if stmt, err = t.on().PrepareContext(t.ctx, text); err != nil {
			return nil, err
		}
		t.texts[text] = stmt
	}
	return stmt, nil
}

func (t *transaction) closeStatements() {
	for _, stmt := range t.texts {
		if stmt != nil {
			stmt.Close() // an error would be met again by what ends the transaction
		}
	}
}
