package csvfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/check"
)

// inspected examines the store and wants nothing to have been made or changed.
func inspected(t *testing.T, s *Store) []check.Finding {
	t.Helper()
	before := listing(t, filepath.Dir(s.path))
	found, err := s.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after := listing(t, filepath.Dir(s.path)); after != before {
		t.Errorf("looking changed the folder from %s to %s", before, after)
	}
	return found
}

// listing is everything below a folder: names, permissions and contents.
func listing(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		b.WriteString(path + " " + info.Mode().String())
		if info.Mode().IsRegular() {
			b.WriteString(" " + strconv.Quote(fileText(t, path)))
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func find(found []check.Finding, code string) (check.Finding, bool) {
	i := slices.IndexFunc(found, func(f check.Finding) bool { return f.Code == code })
	if i < 0 {
		return check.Finding{}, false
	}
	return found[i], true
}

func storeOn(t *testing.T, path string) *Store {
	t.Helper()
	s, err := New(Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each fault of a file's text is found, alone, with the lines where it is; a
// healthy file has none, and after a write most are gone.
func TestInspectText(t *testing.T) {
	const row = "2,bob,c,s,rb,ab,,1795308985119,,https://www.zohoapis.com\n"
	for _, c := range []struct {
		name, text string
		code       string
		severity   check.Severity
		says       string
		stays      bool // a write does not mend it
	}{
		{name: "healthy", text: three},
		{name: "header alone", text: header},
		{name: "no line feed at the end, as Node leaves it", text: strings.TrimSuffix(three, "\n")},
		{name: "six columns", text: "user_mail,client_id,refresh_token,access_token,grant_token,expiry_time\na@x.com,c,r,a,,1795308985119\n",
			code: "six-columns", severity: check.Warning, says: "line 2"},
		{name: "nine columns", text: "id,user_mail,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,redirect_url\n1,a@x.com,c,s,r,a,,1795308985119,\n",
			code: "nine-columns", severity: check.Note, says: "Ruby SDK 2"},
		{name: "nine under ten", text: header + row + "3,carol,c,s,rc,ac,,1795308985119,\n", code: "short-row", severity: check.Warning, says: "line 3"},
		{name: "short row", text: header + row + "3,carol,c,s,rc,ac\n", code: "short-row", severity: check.Warning, says: "line 3"},
		{name: "no header", text: row, code: "no-header", severity: check.Warning, says: "first row"},
		{name: "late header", text: row + header, code: "late-header", severity: check.Warning, says: "on line 2"},
		{name: "blank line", text: header + "\n" + row + ",,,,,,,,,\n", code: "blank-line", severity: check.Warning, says: "lines 2, 4"},
		{name: "CR LF", text: strings.ReplaceAll(three, "\n", "\r\n"), code: "carriage-return", severity: check.Note, says: "Python"},
		{name: "mixed ends", text: header + row[:len(row)-1] + "\r\n", code: "carriage-return", severity: check.Warning, says: "line 2"},
		{name: "CR that Node kept", text: header + row[:len(row)-1] + "\r,\n", code: "carriage-return", severity: check.Warning, says: "within lines"},
		{name: "byte order mark", text: "\ufeff" + three, code: "byte-order-mark", severity: check.Note, says: "Ruby"},
		{name: "quoted", text: header + strings.Replace(row, ",,https", `,"https://cb/?a=1,2",https`, 1), code: "quoted-value", severity: check.Warning, says: "line 2", stays: true},
		{name: "bare quote", text: header + strings.Replace(row, ",s,", `,s"x,`, 1), code: "bare-quote", severity: check.Warning, says: "line 2", stays: true},
		{name: "backslash", text: header + strings.Replace(row, ",s,", `,s\x,`, 1), code: "backslash", severity: check.Warning, says: "line 2", stays: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := storeOn(t, newFile(t, c.text, time.Hour))
			found := inspected(t, s)
			if c.code == "" {
				if len(found) > 0 {
					t.Fatalf("a healthy file: %+v", found)
				}
				return
			}
			f, ok := find(found, c.code)
			if !ok || len(found) != 1 || f.Severity != c.severity || !strings.Contains(f.Text, c.says) {
				t.Fatalf("want %s %q saying %q, got %+v", c.severity, c.code, c.says, found)
			}
			if c.stays {
				return
			}
			if _, err := s.Save(t.Context(), oauth.Token{UserName: "new", ClientID: "c", RefreshToken: oauth.NewSecret("r-new")}); err != nil {
				t.Fatal(err)
			}
			if found := inspected(t, s); len(found) > 0 {
				t.Errorf("after a write: %+v", found)
			}
		})
	}
}

func TestInspectIDs(t *testing.T) {
	ten := header
	for i := 1; i <= 10; i++ {
		n := strconv.Itoa(i)
		ten += n + ",u" + n + ",c,s,r" + n + ",a,,1795308985119,,https://www.zohoapis.com\n"
	}
	for _, c := range []struct {
		name, text, code string
		severity         check.Severity
	}{
		{"two users", header + "7,alice,c,s,ra,aa,,1,,\n7,bob,c,s,rb,ab,,1,,\n", "duplicate-id", check.Failure},
		{"one user twice", header + "1,alice,c,s,ra,aa,,1,,\n1,alice,c,s,rb,ab,,1,,\n", "", check.Note},
		{"no IDs", header + ",alice,c,s,ra,aa,,1,,\n,bob,c,s,rb,ab,,1,,\n", "", check.Note},
		{"ten rows", ten, "ten-rows", check.Note},
		{"nine rows", ten[:strings.LastIndex(ten, "\n10,")+1], "", check.Note},
		{"ten rows, another ID", strings.Replace(ten, "\n10,", "\n11,", 1), "", check.Note},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := inspected(t, storeOn(t, newFile(t, c.text, time.Hour)))
			if f, ok := find(found, c.code); ok != (c.code != "") || f.Severity != c.severity || len(found) > 1 {
				t.Errorf("want %q, got %+v", c.code, found)
			} else if c.code == "duplicate-id" && !strings.HasSuffix(f.Text, `by it: id "7"`) {
				t.Errorf("it does not say which ID: %s", f.Text)
			}
		})
	}
	t.Run("ten rows of our own", func(t *testing.T) {
		s := storeOn(t, filepath.Join(t.TempDir(), "tokens.csv"))
		for i := range 10 {
			if _, err := s.Save(t.Context(), oauth.Token{UserName: strconv.Itoa(i), RefreshToken: oauth.NewSecret(strconv.Itoa(i))}); err != nil {
				t.Fatal(err)
			}
		}
		if found := inspected(t, s); len(found) > 0 {
			t.Errorf("%+v", found)
		}
	})
}

func TestInspectMissingFile(t *testing.T) {
	s := storeOn(t, filepath.Join(t.TempDir(), "none.csv"))
	found := inspected(t, s)
	if f, ok := find(found, "missing-file"); !ok || len(found) != 1 || f.Severity != check.Warning {
		t.Errorf("%+v", found)
	}
	if s.ProbesQuietly(t.Context()) {
		t.Error("a probe would make the folder beside the file")
	}
	found, err := storeOn(t, filepath.Join(t.TempDir(), "no", "folder.csv")).Inspect(t.Context())
	if f, ok := find(found, "not-writable"); err != nil || !ok || f.Severity != check.Failure {
		t.Errorf("no folder: %+v, %v", found, err)
	}
}

// A store that has been written to is healthy, and may be probed.
func TestInspectOwnStore(t *testing.T) {
	s := storeOn(t, filepath.Join(t.TempDir(), "tokens.csv"))
	if _, err := s.Save(t.Context(), oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("r")}); err != nil {
		t.Fatal(err)
	}
	if found := inspected(t, s); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	if !s.ProbesQuietly(t.Context()) {
		t.Error("a probe would change nothing")
	}
	before := listing(t, filepath.Dir(s.path))
	if err := s.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := listing(t, filepath.Dir(s.path)); after != before {
		t.Errorf("the probe changed the folder from %s to %s", before, after)
	}
}

func TestInspectAccess(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("access lists are not looked at")
	}
	for _, c := range []struct {
		name     string
		harm     func(path string) error
		code     string
		severity check.Severity
	}{
		{"others can read", func(path string) error { return os.Chmod(path, 0o604) }, "open-file", check.Warning},
		{"the group can read", func(path string) error { return os.Chmod(path, 0o640) }, "group-file", check.Note},
		{"others can replace", func(path string) error { return os.Chmod(filepath.Dir(path), 0o707) }, "open-folder", check.Warning},
		{"others see the lock", func(path string) error {
			return errors.Join(os.Mkdir(besides(path), 0o700), os.Chmod(besides(path), 0o755))
		}, "open-side-folder", check.Warning},
		{"no folder for the lock", func(path string) error { return os.WriteFile(besides(path), nil, 0o600) }, "not-writable", check.Failure},
		{"read-only", func(path string) error { return os.Chmod(path, 0o400) }, "not-writable", check.Failure},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := newFile(t, three, time.Hour)
			if err := c.harm(path); err != nil {
				t.Fatal(err)
			}
			found := inspected(t, storeOn(t, path))
			if f, ok := find(found, c.code); !ok || len(found) != 1 || f.Severity != c.severity || f.Remedy == "" {
				t.Errorf("want %s %s, got %+v", c.severity, c.code, found)
			}
		})
	}
}

// What cannot be read as a file at all is an error, and for whom it can.
func TestInspectFails(t *testing.T) {
	if _, err := storeOn(t, t.TempDir()).Inspect(t.Context()); !errors.Is(err, oauth.ErrStoreUnavailable) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := storeOn(t, newFile(t, "{\"json\": true}\n", time.Hour)).Inspect(t.Context()); !errors.Is(err, oauth.ErrCorrupt) {
		t.Errorf("another file: %v", err)
	}
}

// Survey yields the rows behind one that cannot be read, List does not.
func TestSurveyGoesOn(t *testing.T) {
	s := storeOn(t, newFile(t, header+"1,alice,c,s,ra,aa,,soon,,\n2,bob,c,s,rb,ab,,1,,\n3,carol,c,s,rc,ac,,later,,\n", time.Hour))
	var names []string
	damaged := 0
	for row, err := range s.Survey(t.Context()) {
		switch {
		case errors.Is(err, oauth.ErrCorrupt):
			damaged++
		case err != nil:
			t.Fatal(err)
		default:
			names = append(names, row.UserName)
		}
	}
	if damaged != 2 || !slices.Equal(names, []string{"bob"}) {
		t.Errorf("%d damaged, users %v", damaged, names)
	}
	for range s.Survey(t.Context()) {
		break // an early end is no panic
	}
	if _, err := oauth.All(t.Context(), s); !errors.Is(err, oauth.ErrCorrupt) {
		t.Errorf("List: %v", err)
	}
	for _, err := range storeOn(t, t.TempDir()).Survey(t.Context()) {
		if !errors.Is(err, oauth.ErrStoreUnavailable) {
			t.Errorf("Survey of a folder: %v", err)
		}
	}
}
