package csvfile

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/internal/whose"
)

var (
	_ check.Inspector = (*Store)(nil)
	_ check.Surveyor  = (*Store)(nil)
	_ check.Quiet     = (*Store)(nil)
)

// mends is the remedy for what the first write puts right.
const mends = "the next write brings the file into the form that all official SDKs read: zcrm token refresh"

// Inspect implements [check.Inspector]: who can read and replace the file, its
// columns, line ends and quotes, and IDs that several rows share. It makes,
// locks and changes nothing.
func (s *Store) Inspect(ctx context.Context) ([]check.Finding, error) {
	at, err := resolve(s.path)
	if err != nil {
		return nil, err
	}
	if at.File == nil {
		return append([]check.Finding{{
			Severity: check.Warning, Code: "missing-file", Text: "there is no file " + at.Path,
			Remedy: "see that the path is right; the first login makes the file: zcrm login",
		}}, inspectWritable(at)...), nil
	}
	found := append(inspectWritable(at), inspectAccess(at.Path, at.File)...)
	var ids []check.Finding
	err = s.await(ctx, true, false, func(v *view) error {
		ids = inspectIDs(v)
		return nil
	})
	if err != nil {
		return found, err
	}
	text, err := textOf(at.Path)
	return append(append(found, inspectText(text)...), ids...), err
}

// textOf is what stands in a file now; nothing in none.
func textOf(target string) (string, error) {
	f, info, err := open(target)
	if err != nil || f == nil {
		return "", err
	}
	defer f.Close()
	return content(f, info.Size())
}

// inspectWritable finds out as much as can be known without writing.
func inspectWritable(at whose.Place) []check.Finding {
	err := writable(at.Path, at.File)
	if err == nil {
		err = replaceable(at.File)
	}
	if side, lerr := os.Lstat(besides(at.Path)); err == nil && lerr == nil && !side.IsDir() {
		err = errors.New(besides(at.Path) + " is in the way of the folder for the lock: remove it")
	}
	if err == nil {
		return nil
	}
	remedy := "give this user the right to write the file and its folder, or run as its owner, or use a file of your own"
	if at.Ours() != nil {
		remedy = "" // the error has it
	}
	return []check.Finding{{
		Severity: check.Failure, Code: "not-writable", Text: "the file cannot be written, so a token that Zoho renews is lost: " + err.Error(),
		Remedy: remedy,
	}}
}

// inspectIDs finds IDs that lead to two users, and the trace of lost ones.
func inspectIDs(v *view) []check.Finding {
	var found []check.Finding
	var doubled []string
	seen := make(map[string]bool)
	for _, r := range v.table.rows {
		if v.table.index.doubled == 0 {
			break
		}
		if id := r.columns().ID; len(v.table.index.of(r)) > 1 && !seen[id] && !oneOwner(v.table.index.of(r)) {
			seen[id] = true
			doubled = append(doubled, check.Shown(id))
		}
	}
	if len(doubled) > 0 {
		which := strings.Join(doubled[:min(len(doubled), 5)], ", ")
		if more := len(doubled) - 5; more > 0 {
			which += fmt.Sprintf(" and %d more", more)
		}
		found = append(found, check.Finding{
			Severity: check.Failure, Code: "duplicate-id", Text: "rows of different users share an ID, so none of them is found by it: id " + which,
			Remedy: "give each row an ID of its own by hand: the official SDKs mix such users up",
		})
	}
	if tenRows(v) {
		found = append(found, check.Finding{
			Severity: check.Note, Code: "ten-rows",
			Text:   "the file holds exactly the IDs 1 to 10: if it was copied from a table that a Java or PHP SDK filled, that SDK had overwritten the tenth user with every later one",
			Remedy: "see whether users are missing, and log them in again: zcrm login",
		})
	}
	return found
}

// tenRows reports whether the IDs are 1 to 10 and some row was not made by this
// module.
func tenRows(v *view) bool {
	if len(v.table.rows) != 10 {
		return false
	}
	seen, foreign := 0, false
	for _, r := range v.table.rows {
		if n := oauth.NumberOf(r.columns().ID); n >= 1 && n <= 10 {
			seen |= 1 << n
		}
		foreign = foreign || v.sides.entries[r.token(nil).side].CreatedAt.IsZero()
	}
	return seen == 0b111_1111_1110 && foreign
}

func oneOwner(rows []*row) bool {
	first := rows[0].columns()
	for _, r := range rows {
		if c := r.columns(); c.UserName == "" || c.UserName != first.UserName || c.ClientID != first.ClientID {
			return false
		}
	}
	return true
}

// Survey implements [check.Surveyor]: it is List, and goes on after rows that are
// no tokens.
func (s *Store) Survey(ctx context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		var rows []*row
		err := s.await(ctx, false, false, func(v *view) error {
			rows = v.table.rows
			return nil
		})
		for _, r := range rows {
			if err = ctx.Err(); err != nil {
				break
			}
			t, bad := oauth.Token{}, r.bad()
			if bad == nil {
				t = s.withSide(r.token(nil))
			}
			if !yield(t, bad) {
				return
			}
		}
		if err != nil {
			yield(oauth.Token{}, err)
		}
	}
}

// ProbesQuietly implements [check.Quiet]: Probe makes the folder beside the file,
// its lock and its log where they are missing.
func (s *Store) ProbesQuietly(context.Context) bool {
	at, err := resolve(s.path)
	if err != nil {
		return false
	}
	for _, name := range []string{"lock", sideLog} {
		if _, err := os.Lstat(filepath.Join(besides(at.Path), name)); err != nil {
			return false
		}
	}
	return true
}
