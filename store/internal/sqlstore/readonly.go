package sqlstore

import (
	"cmp"
	"context"
	"fmt"

	"zohocrm/oauth"
	"zohocrm/store/check"
)

// takeTables is prepareTables of a Store that makes none: it takes what is there,
// and does without what is not, or what this user may not read.
func (s *Store) takeTables(ctx context.Context) error {
	tokens, side, err := s.shapes(ctx, s.db)
	if err != nil {
		return err
	}
	if _, err := s.adopt(tokens, side); err != nil {
		return err
	}
	s.tableless = !tokens.Exists
	sideless := s.tableless || s.layout.sideless || !side.Exists
	if !sideless {
		_, _, err := s.readSide(ctx, pool{s}, "")
		if sideless = s.is(err, Denied); err != nil && !sideless {
			return err
		}
	}
	s.layout.sideless = sideless
	if !s.tableless {
		s.sql = newStatements(s.dialect, s.table, s.layout)
	}
	return nil
}

// refuse is the error of everything that writes.
func (s *Store) refuse() error {
	if !s.readOnly {
		return s.layout.refuse(s.table)
	}
	return fmt.Errorf("%w: %s, table %s: it was opened to be read only", oauth.ErrStoreUnavailable, s.dialect.Product, s.table)
}

// Missing names what is not there of a Store that makes nothing: "table oauthtoken",
// or "" if the token table is there.
func (s *Store) Missing() string {
	if !s.tableless {
		return ""
	}
	return cmp.Or(s.dialect.Missing, "table "+s.table)
}

// inspectNothing is what there is to say of a table that is not there.
func (s *Store) inspectNothing(ctx context.Context) ([]check.Finding, error) {
	missing, failed, err := s.inspectMissing(ctx, Shape{}, Shape{})
	if failed || err != nil {
		return missing, err
	}
	return append([]check.Finding{{
		Severity: check.Warning, Code: "missing-table", Text: "there is no " + s.Missing(),
		Remedy: "see that the name is right; the first login makes it: zcrm login",
	}}, missing...), nil
}

// inspectMissing is what there is to say of a table that the first use would have to
// make. failed: it could not.
func (s *Store) inspectMissing(ctx context.Context, tokens, side Shape) (found []check.Finding, failed bool, err error) {
	if s.dialect.MayMake == nil {
		return nil, false, nil
	}
	what := "table " + sideTable(s.table)
	if !tokens.Exists {
		what = s.Missing()
	}
	may, err := s.dialect.MayMake(ctx, s.db, s.table, tokens.Exists)
	if err != nil {
		return nil, false, fromDriver(err)
	}
	if may {
		return []check.Finding{{
			Severity: check.Note, Code: "not-used-yet",
			Text: "zcrm has not written here yet, and it was not tried whether it can; the first use makes a table beside the tokens, named like theirs with _zcrm behind",
		}}, false, nil
	}
	return []check.Finding{{
		Severity: check.Failure, Code: "missing-table",
		Text:   "there is no " + what + " that this user may use, and it may not make one: nothing can be saved",
		Remedy: "let somebody who may run: " + s.toRun(ctx, tokens, side),
	}}, true, nil
}

// inspectReading is what there is to say of a Store that only reads.
func (s *Store) inspectReading() []check.Finding {
	if !s.used || !s.layout.sideless {
		return nil
	}
	return []check.Finding{{
		Severity: check.Warning, Code: "side-table-closed",
		Text:   "the database's user may not read table " + sideTable(s.table) + ": when tokens were used, and how their refreshes went, is not known here",
		Remedy: "grant it SELECT on " + sideTable(s.table),
	}}
}
