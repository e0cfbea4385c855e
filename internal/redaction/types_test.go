package redaction

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"zohocrm"
	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/oauth/observe/audit"
	"zohocrm/oauth/observe/prometheus"
	"zohocrm/store/check"
	"zohocrm/store/csvfile"
	"zohocrm/store/memory"
	"zohocrm/store/mysql"
	"zohocrm/store/open"
	"zohocrm/store/postgres"
	"zohocrm/store/rediskv"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
	"zohocrm/store/sqlite"
	"zohocrm/store/transfer"
)

// exported are the module's exported structs. TestEveryTypeIsListed keeps the list
// whole. Left out are the simulator and the conformance kit: their secrets are made
// up.
func exported() []any {
	return []any{
		zohocrm.Client{}, zohocrm.Config{},
		dc.DataCenter{}, dc.Directory{},
		oauth.Accounts{}, oauth.AccountsConfig{}, oauth.AmbiguousError{}, oauth.AuthorizeRequest{}, oauth.BatchError{}, oauth.Callback{}, oauth.Change{},
		oauth.Claim{}, oauth.CorruptError{}, oauth.DeviceAuth{}, oauth.DeviceAuthRequest{}, oauth.DeviceConsent{}, oauth.Event{}, oauth.HeldError{}, oauth.Issued{}, oauth.Keeper{}, oauth.KeeperConfig{}, oauth.Lease{},
		oauth.LocalCoordinator{}, oauth.Login{}, oauth.Match{}, oauth.Outcome{}, oauth.Plan{}, oauth.Row{}, oauth.Secret{}, oauth.ServerError{},
		oauth.Standing{}, oauth.StandingError{}, oauth.ThrottledError{}, oauth.Token{}, oauth.Transport{}, oauth.UnsavedError{}, oauth.ValueError{},
		audit.Config{}, audit.Entry{}, audit.Log{}, prometheus.Config{}, prometheus.Observer{},
		crm.Client{}, crm.Config{}, crm.Error{}, crm.Request{}, crm.Response{}, crm.RecordsError{},
		crm.BulkCallbackConfig{}, crm.NotifyConfig{}, crm.Watch{}, // of crm only these can come near a secret
		memory.Config{}, memory.Store{}, csvfile.Config{}, csvfile.Store{}, check.Config{}, check.Finding{}, check.Report{}, sqlite.Config{}, sqlite.Store{},
		mysql.Config{}, mysql.Store{}, postgres.Config{}, postgres.Store{}, rediskv.Config{}, rediskv.Store{}, open.Config{}, open.Store{},
		sealed.Census{}, sealed.Config{}, sealed.KeyError{}, sealed.Missing{}, sealed.Report{}, sealed.SealAllConfig{}, sealed.Store{},
		keys.Config{}, keys.Info{}, keys.Key{}, keys.Retirement{}, keys.Ring{}, keys.Set{},
		transfer.Config{}, transfer.DifferenceError{}, transfer.Duplicate{}, transfer.IDChange{}, transfer.IncompleteError{}, transfer.NewerError{}, transfer.Progress{}, transfer.Refusal{}, transfer.Report{},
	}
}

// TestTypesAreMute fills every exported field of every exported struct, also of
// those inside, with secrets where there is room for one, and lets it speak.
func TestTypesAreMute(t *testing.T) {
	f := newFinder(nil)
	held := 0
	for _, zero := range exported() {
		typ := reflect.TypeOf(zero)
		filled := reflect.New(typ)
		held += fill(filled.Elem(), 0)
		mute(t, f, "*"+typ.String(), filled.Interface())
		if !copied(typ) {
			mute(t, f, typ.String(), filled.Elem().Interface())
		}
	}
	if held < 40 {
		t.Errorf("only %d secrets were planted: does fill find their places?", held)
	}
}

// copied types hold a lock, which go vet wants nobody to copy; their users have
// pointers.
func copied(typ reflect.Type) bool {
	for i := range typ.NumField() {
		if !typ.Field(i).IsExported() && typ.Field(i).Type.Kind() == reflect.Struct {
			return true
		}
	}
	return false
}

// fill plants secrets, and returns how many.
func fill(v reflect.Value, depth int) int {
	if depth > 6 {
		return 0
	}
	if v.Type() == reflect.TypeFor[oauth.Secret]() {
		v.Set(reflect.ValueOf(secret(kinds()[depth%len(kinds())])))
		return 1
	}
	held := 0
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Field(i)
			if !field.CanSet() {
				continue
			}
			if field.Kind() == reflect.String && named(v.Type().Field(i).Name) {
				field.SetString(plant("password"))
				held++
				continue
			}
			held += fill(field, depth+1)
		}
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Struct && strings.HasPrefix(v.Type().Elem().PkgPath(), "zohocrm") {
			v.Set(reflect.New(v.Type().Elem()))
			held += fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		held += fill(v.Index(0), depth+1)
	case reflect.String:
		v.SetString("word")
	case reflect.Interface:
		if v.Type() == reflect.TypeFor[error]() {
			v.Set(reflect.ValueOf(errors.New("a reason")))
		}
	}
	return held
}

// named tells the plain text fields that hold a secret: those of [oauth.Row].
func named(field string) bool {
	return regexp.MustCompile(`(?i)(secret|password|verifier|dsn|(grant|refresh|access)token)$`).MatchString(field)
}

// TestEveryTypeIsListed reads the source. Of crm, which is made of records, only
// types with room for a secret have to be listed.
func TestEveryTypeIsListed(t *testing.T) {
	var listed, found []string
	for _, zero := range exported() {
		listed = append(listed, reflect.TypeOf(zero).PkgPath()+"."+reflect.TypeOf(zero).Name())
	}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			switch d.Name() {
			case "internal", "testdata", "node_modules", ".git", "examples", "tools", "bench", "cmd", "interop", "sim", "storetest", "docs":
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		names, err := structs(path, strings.HasPrefix(rel, "crm/"))
		pkg := strings.TrimSuffix("zohocrm/"+filepath.ToSlash(filepath.Dir(rel)), "/.")
		for _, name := range names {
			found = append(found, pkg+"."+name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(listed)
	slices.Sort(found)
	if len(found) < 50 {
		t.Fatalf("only %d types were found", len(found))
	}
	for _, name := range found {
		if !slices.Contains(listed, name) {
			t.Errorf("%s is not listed in exported()", name)
		}
	}
	for _, name := range listed {
		if !slices.Contains(found, name) && !strings.HasPrefix(name, "zohocrm/crm.") {
			t.Errorf("%s is listed, and not in the source", name)
		}
	}
}

// structs are the exported structs of a file, or those with room for a secret.
func structs(path string, roomy bool) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, decl := range file.Decls {
		types, ok := decl.(*ast.GenDecl)
		if !ok || types.Tok != token.TYPE {
			continue
		}
		for _, spec := range types.Specs {
			s := spec.(*ast.TypeSpec)
			if body, ok := s.Type.(*ast.StructType); ok && s.Name.IsExported() && (!roomy || hasRoom(body)) {
				names = append(names, s.Name.Name)
			}
		}
	}
	return names, nil
}

// hasRoom reports whether a field can hold a secret, by its name or its type.
func hasRoom(body *ast.StructType) bool {
	room := false
	for _, field := range body.Fields.List {
		for _, name := range field.Names {
			room = room || named(name.Name)
		}
		ast.Inspect(field.Type, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "oauth" {
					room = true
				}
			}
			return true
		})
	}
	return room
}
