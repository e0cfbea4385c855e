package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/check"
)

// clockLimit is how much a server's clock may differ from ours unremarked. Times
// in the table are compared with both.
const clockLimit = 2 * time.Second

// Inspect implements [check.Inspector]: it says what is noteworthy of the tables,
// their indexes, the rows as far as SQL sees it, and the server.
func (s *Store) Inspect(ctx context.Context) ([]check.Finding, error) {
	var all []check.Finding
	looks := []func(context.Context) ([]check.Finding, error){s.inspectShape, s.inspectIndexes, s.inspectIDs, s.inspectDoubles, s.inspectClock}
	if s.tableless {
		looks = []func(context.Context) ([]check.Finding, error){s.inspectNothing, s.inspectClock}
	}
	for _, look := range looks {
		found, err := look(ctx)
		all = append(all, found...)
		if err != nil {
			return all, s.failed(ctx, "check", err)
		}
	}
	return all, nil
}

// inspectShape looks at the columns, and asks the dialect for the rest.
func (s *Store) inspectShape(ctx context.Context) ([]check.Finding, error) {
	tokens, side, err := s.shapes(ctx, s.db)
	if err != nil {
		return nil, err
	}
	var all []check.Finding
	l, err := newLayout(s.dialect, s.table, tokens)
	if err != nil {
		return []check.Finding{{Severity: check.Failure, Code: "schema", Text: err.Error(), Remedy: "undo the change of the table"}}, nil
	}
	note := func(code, text, remedy string) {
		all = append(all, check.Finding{Severity: check.Note, Code: code, Text: "table " + s.table + ": " + text, Remedy: remedy})
	}
	switch {
	case l.readOnly:
		all = append(all, check.Finding{Severity: check.Failure, Code: "read-only-table",
			Text:   "table " + s.table + " has the six columns of the first Ruby SDK: it is read, and nothing can be saved in it",
			Remedy: "zcrm store copy into a new table"})
	case l.domainBeside:
		note("old-table", "it has the nine columns of the second Ruby SDK: api_domain is kept beside it, where the SDKs do not see it", "zcrm store copy into a new table")
	}
	switch {
	case l.readOnly: // nothing stands beside it
	case s.readOnly && side.Exists:
		all = append(all, s.inspectReading()...)
	case s.readOnly:
		missing, _, err := s.inspectMissing(ctx, tokens, side)
		if err != nil {
			return nil, err
		}
		all = append(all, missing...)
	case !side.Exists:
		all = append(all, check.Finding{Severity: check.Failure, Code: "schema", Text: "table " + sideTable(s.table) + " has gone", Remedy: "open the store again, which makes it"})
	}
	if l.nameless {
		note("user-name-not-null", l.name(1)+" is NOT NULL: a login whose user is not known yet is stored as "+standIn+"...", "")
	}
	switch id := l.columns[0]; {
	case l.integerID:
		note("id-column", "id holds numbers: an ID that is not one gets a new one when it is copied here", "")
	case id.Size != 10:
		note("id-column", fmt.Sprintf("id holds texts of %s characters, and the official SDKs expect 10", orAny(id.Size)), "")
	}
	if s.dialect.Findings == nil {
		return all, nil
	}
	more, err := s.dialect.Findings(ctx, s.db, s.table, tokens)
	return append(all, more...), fromDriver(err)
}

func orAny(size int) string {
	if size == 0 {
		return "any number of"
	}
	return fmt.Sprint(size)
}

// inspectIndexes looks for the index that each key of Find needs.
func (s *Store) inspectIndexes(ctx context.Context) ([]check.Finding, error) {
	if s.dialect.Indexed == nil {
		return nil, nil
	}
	first, err := s.dialect.Indexed(ctx, s.db, s.table)
	if err != nil {
		return nil, fromDriver(err)
	}
	has := make(map[string]bool, len(first))
	for _, column := range first {
		has[strings.ToLower(column)] = true
	}
	var all []check.Finding
	for _, k := range oauth.Keys()[1:] {
		column := k.Column()
		if k == oauth.ByUserName {
			column = s.layout.name(1)
		}
		if !has[column] {
			all = append(all, check.Finding{
				Severity: check.Warning, Code: "missing-index",
				Text:   fmt.Sprintf("table %s has no index on %s: to find a token by it, every row is read", s.table, column),
				Remedy: s.dialect.createIndex(s.table, s.table, column),
			})
		}
	}
	return all, nil
}

func (s *Store) inspectIDs(ctx context.Context) ([]check.Finding, error) {
	lost, err := s.hasLostUsers(ctx)
	if !lost && err == nil {
		return s.inspectNumbering(ctx)
	}
	if err != nil {
		return nil, err
	}
	return []check.Finding{{
		Severity: check.Warning, Code: "ten-rows", Text: "table " + s.table + ": " + lostUsers,
		Remedy: "connect the users again who are missing; new rows get IDs from 900000001 on, with which the SDKs count on",
	}}, nil
}

// inspectNumbering sees whether the official SDKs can number the next user. They
// take the greatest ID as text and add one: after 9 that is 10, also if there is a
// 10. Rows that were copied with their IDs leave a table like that.
func (s *Store) inspectNumbering(ctx context.Context) ([]check.Finding, error) {
	if !s.dialect.OldTables || s.layout.integerID {
		return nil, nil // no SDK writes here, or IDs are in the order of numbers
	}
	ids, err := scanIDs(s.db.QueryContext(ctx, s.sql.everyID))
	if err != nil {
		return nil, err
	}
	var greatest int64
	last := ""
	for _, id := range ids {
		if n := oauth.NumberOf(id); n > 0 {
			greatest, last = max(greatest, n), max(last, id)
		}
	}
	if oauth.NumberOf(last) >= greatest {
		return nil, nil
	}
	return []check.Finding{{
		Severity: check.Warning, Code: "sdk-numbering",
		Text: fmt.Sprintf("table %s: an official SDK would give its next user the ID %d, which is not free or will not be: it fails, or overwrites that user",
			s.table, oauth.NumberOf(last)+1),
		Remedy: fmt.Sprintf("UPDATE %s SET id = '900000001' WHERE id = '%d', or let this module save the next new user: from 900000001 on the SDKs count right", s.table, greatest),
	}}, nil
}

// inspectClock compares the server's clock with ours, in the middle of the time
// that the question took.
func (s *Store) inspectClock(ctx context.Context) ([]check.Finding, error) {
	if s.dialect.Clock == "" {
		return nil, nil
	}
	before := s.now()
	var milli int64
	if err := s.db.QueryRowContext(ctx, s.dialect.Clock).Scan(&milli); err != nil {
		return nil, fromDriver(err)
	}
	after := s.now()
	ahead := time.UnixMilli(milli).Sub(before.Add(after.Sub(before) / 2))
	if ahead.Abs() <= clockLimit+after.Sub(before)/2 {
		return nil, nil
	}
	way := "ahead of"
	if ahead < 0 {
		way = "behind"
	}
	return []check.Finding{{
		Severity: check.Warning, Code: "clock-difference",
		Text:   fmt.Sprintf("the database server's clock is %s %s this machine's: tokens seem to expire too early or too late", ahead.Abs().Round(100*time.Millisecond), way),
		Remedy: "set both by NTP",
	}}, nil
}
