package sqlstore

import (
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// FuzzLayout: whatever columns a table has, it is refused, or taken for one of the
// SDKs' shapes, of which only known names come into statements, each as many times as
// there are values for it.
func FuzzLayout(f *testing.F) {
	all := strings.Join(oauth.Columns(), ",")
	f.Add(all, true, true)
	f.Add(strings.ToUpper(all), true, false)
	f.Add(strings.Replace(strings.TrimSuffix(all, ",api_domain"), "user_name", "user_mail", 1), true, true)
	f.Add("id,user_mail,client_id,refresh_token,access_token,grant_token,expiry_time", true, true)
	f.Add("id; DROP TABLE t,user_name", false, true)
	f.Fuzz(func(t *testing.T, names string, unique, old bool) {
		shape := Shape{Exists: true, UniqueID: unique}
		for _, name := range strings.Split(names, ",") {
			shape.Columns = append(shape.Columns, Column{Name: name, Size: len(name)})
		}
		l, err := newLayout(Dialect{OldTables: old}, "t", shape)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\r\n") {
				t.Error(err)
			}
			return
		}
		if !unique {
			t.Error("a table whose IDs may be doubled is taken")
		}
		known := append(oauth.Columns(), oldName)
		taken := l.names()
		for i, name := range taken {
			if !slices.Contains(known, name) || slices.Contains(taken[:i], name) {
				t.Errorf("column %q comes into statements", name)
			}
		}
		if n := len(l.arguments(oauth.Row{ID: "1"})); n != len(taken) {
			t.Errorf("%d values for %d columns", n, len(taken))
		}
		if len(taken) < len(oauth.Columns()) && (!old || !l.domainBeside && !l.readOnly) {
			t.Errorf("it has only %v", taken)
		}
	})
}
