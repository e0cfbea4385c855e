package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
)

// knownNames keeps modules and fields of one account in files of the state folder,
// so that completion is quick and a command does not ask Zoho for the same each
// time. Without a state folder it keeps nothing. A file that cannot be read or
// written is as if it were not there.
type knownNames struct {
	folder  string // "": none
	account string
	now     func() time.Time
}

// knownLife is how long the names are taken as they are; after it, Zoho is asked
// whether they have changed.
const knownLife = time.Hour

// nameList is one file: a list of metadata, of which only what commands need is
// kept.
type nameList struct {
	Checked time.Time    `json:"checked"`           // by this machine's clock
	Since   string       `json:"since"`             // by Zoho's clock, as its Date header has it
	Records []crm.Record `json:"records,omitempty"` // never more than keptOf leaves
}

// knownFor is the memory for one account: a user of a client at a data centre.
func (a *app) knownFor(t oauth.Token) knownNames {
	k := knownNames{now: a.now}
	folder, err := stateFolder(runtime.GOOS, a.getenv)
	if err != nil {
		return k
	}
	owner := []string{a.set.home.AccountsURL, a.set.environment.String(), t.ClientID, t.UserName}
	if t.UserName == "" {
		owner = append(owner, a.set.storeURL, t.ID)
	}
	k.folder, k.account = filepath.Join(folder, "names"), strings.Join(owner, "\n")
	return k
}

// file is where a list is kept. Its name tells neither user nor module.
func (k knownNames) file(list string) string {
	sum := sha256.Sum256([]byte(k.account + "\n\n" + list))
	return filepath.Join(k.folder, hex.EncodeToString(sum[:16])+".json")
}

func (k knownNames) load(list string) (nameList, bool) {
	var l nameList
	if k.folder == "" {
		return l, false
	}
	text, err := os.ReadFile(k.file(list))
	if err != nil || json.Unmarshal(text, &l) != nil || len(l.Records) == 0 {
		return nameList{}, false
	}
	return l, true
}

func (k knownNames) save(list string, l nameList) {
	if k.folder == "" || makeFolder(k.folder) != nil {
		return
	}
	text, err := json.Marshal(l)
	if err != nil {
		return
	}
	f, err := os.CreateTemp(k.folder, "new-*") // of mode 0600
	if err != nil {
		return
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), k.file(list))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
}

// keep remembers a list that Zoho just gave.
func (k knownNames) keep(list string, records []crm.Record) []crm.Record {
	kept := make([]crm.Record, 0, len(records))
	for _, r := range records {
		kept = append(kept, keptOf(r))
	}
	now := k.now()
	k.save(list, nameList{Checked: now, Since: now.UTC().Format(http.TimeFormat), Records: kept})
	return kept
}

// keptOf is what is remembered of a module or field.
func keptOf(r crm.Record) crm.Record {
	kept := map[string]json.RawMessage{}
	for _, name := range []string{
		"api_name", "plural_label", "api_supported", "generated_type", // modules
		"field_label", "data_type", "json_type", "system_mandatory", "read_only", // fields
	} {
		if value := r.Raw(name); value != nil {
			kept[name] = value
		}
	}
	small, _ := crm.NewRecord(kept) // of JSON that was read before
	return small
}

// The lists, by the name of Zoho's answer: "modules" or "fields Leads".
const modulesList = "modules"

func fieldsList(module string) string { return "fields " + module }

// get answers a list: from its file while that is fresh, and else from Zoho.
func (k knownNames) get(ctx context.Context, client *crm.Client, list string) ([]crm.Record, error) {
	have, ok := k.load(list)
	if age := k.now().Sub(have.Checked); ok && age >= 0 && age < knownLife {
		return have.Records, nil
	}
	if ok {
		if unchanged := k.unchanged(ctx, client, list, have.Since); unchanged {
			have.Checked = k.now()
			k.save(list, have)
			return have.Records, nil
		}
	}
	return k.ask(ctx, client, list)
}

// unchanged asks whether a list is still the same.
func (k knownNames) unchanged(ctx context.Context, client *crm.Client, list, since string) bool {
	at, err := http.ParseTime(since)
	if err != nil {
		return false
	}
	r := crm.Request{Path: "/crm/v8/settings/modules", Header: http.Header{"If-Modified-Since": {at.Format(time.RFC3339)}}}
	if module, ok := strings.CutPrefix(list, "fields "); ok {
		r.Path, r.Query = "/crm/v8/settings/fields", url.Values{"module": {module}}
	}
	_, err = client.Do(ctx, r, nil)
	return errors.Is(err, crm.ErrNotModified)
}

// ask gets a list from Zoho, whatever is remembered.
func (k knownNames) ask(ctx context.Context, client *crm.Client, list string) ([]crm.Record, error) {
	var records []crm.Record
	if module, ok := strings.CutPrefix(list, "fields "); ok {
		fields, err := client.Metadata.Fields(ctx, module)
		if err != nil {
			return nil, err
		}
		for _, f := range fields {
			records = append(records, f.Record)
		}
	} else {
		modules, err := client.Metadata.Modules(ctx)
		if err != nil {
			return nil, err
		}
		for _, m := range modules {
			records = append(records, m.Record)
		}
	}
	return k.keep(list, records), nil
}
