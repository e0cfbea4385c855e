package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// bulkState is what a later command needs to go on with a bulk job: a file of the
// state folder, written whenever something is done that must not be done twice.
type bulkState struct {
	Kind    string    `json:"kind"`          // export or import
	Key     string    `json:"key,omitempty"` // names its files; "": ID does
	ID      string    `json:"id"`            // of the first job, by which people name all of it; "": see readBulk
	Begun   time.Time `json:"begun"`
	Changed time.Time `json:"changed"`
	User    string    `json:"user"`     // whose token
	TokenID string    `json:"token_id"` // where that user has no name
	At      string    `json:"accounts_url"`
	Module  string    `json:"module"`
	Job     string    `json:"job,omitempty"`   // under way; "": none
	Rows    int       `json:"rows"`            // done
	State   string    `json:"state,omitempty"` // "": open; done or failed

	Export *exportState `json:"export,omitempty"`
	Import *importState `json:"import,omitempty"`

	path string
}

// The ends of a bulkState.
const (
	bulkDone   = "done"
	bulkFailed = "failed"
)

// bulkKept is how long finished jobs stay in the list. Zoho keeps results about a
// day.
const bulkKept = 7 * 24 * time.Hour

var errNoState = errors.New("there is no state folder")

func (a *app) bulkFolder() (string, error) {
	folder, err := stateFolder(runtime.GOOS, a.getenv)
	if err != nil {
		return "", errNoState
	}
	return filepath.Join(folder, "bulk"), nil
}

// keepBulk writes a state down. Without a state folder nothing can be resumed but
// by the job's ID, which is told.
func (a *app) keepBulk(s *bulkState) error {
	if s.path == "" {
		folder, err := a.bulkFolder()
		if errors.Is(err, errNoState) {
			return nil
		}
		if err := makeFolder(folder); err != nil {
			return err
		}
		s.path = filepath.Join(folder, s.name()+".json")
	}
	s.Changed = a.now()
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(s.path), "new-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), s.path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// bulkStates are all that are remembered, the latest first. Finished ones go when
// they are old.
func (a *app) bulkStates() []*bulkState {
	folder, err := a.bulkFolder()
	if err != nil {
		return nil
	}
	names, _ := filepath.Glob(filepath.Join(folder, "*.json"))
	var all []*bulkState
	for _, name := range names {
		s, err := readBulk(name)
		if err != nil {
			continue // half a state is none
		}
		if s.State != "" && a.now().Sub(s.Changed) > bulkKept {
			_ = forgetBulk(s)
			continue
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(x, y *bulkState) int { return cmp.Or(y.Begun.Compare(x.Begun), strings.Compare(y.ID, x.ID)) })
	return all
}

// readBulk reads a state. One without an ID is that of an import whose first rows
// were on their way to Zoho when zcrm ended.
func readBulk(path string) (*bulkState, error) {
	text, err := os.ReadFile(path) // #nosec G304 -- in the state folder
	if err != nil {
		return nil, err
	}
	s := &bulkState{path: path}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, err
	}
	unnamed := s.ID == "" && s.Kind == "import" && s.Key != "" && s.Import != nil && s.Import.Sending
	if s.Kind == "export" && s.Export == nil || s.Kind == "import" && s.Import == nil || !isJobID(s.ID) && !unnamed {
		return nil, errors.New("it is not whole")
	}
	return s, nil
}

// findBulk is the state that --resume names; nil if nothing is remembered of that
// job.
func (a *app) findBulk(kind, id string) (*bulkState, error) {
	for _, s := range a.bulkStates() {
		if s.Kind != kind {
			continue
		}
		switch {
		case id == resumeLast && s.State == "", id == s.ID && s.State == "", id == s.Job && s.State == "":
			return s, nil
		case id == s.ID:
			return nil, sayf("%s %s is %s: there is nothing to go on with", kind, id, s.State)
		}
	}
	if id == resumeLast {
		return nil, sayf("there is no %s to go on with; see: zcrm bulk list", kind)
	}
	return nil, nil
}

// jobsFor are the jobs that --resume can name.
func (a *app) jobsFor(kind string) []string {
	var found []string
	for _, s := range a.bulkStates() {
		if s.Kind == kind && s.State == "" && s.ID != "" {
			found = append(found, fmt.Sprintf("%s\t%s, %s", s.ID, s.Module, s.progress()))
		}
	}
	return found
}

// progress says how far it is.
func (s *bulkState) progress() string {
	noun := "record"
	if s.Kind == "import" {
		noun = "row"
	}
	done := thousands(s.Rows) + strings.TrimPrefix(count(s.Rows, noun), fmt.Sprint(s.Rows))
	switch {
	case s.State == "" && s.Import != nil && s.Import.Sending:
		return "being sent, " + done
	case s.State == "":
		return "open, " + done
	case s.State == bulkFailed:
		return "failed after " + done
	}
	return "done, " + done
}

// owner takes the user from a state where the command line names none.
func (s *bulkState) owner(w who) who {
	if w.user != "" || w.id != "" {
		return w
	}
	if s.User != "" {
		return who{user: s.User}
	}
	return who{id: s.TokenID}
}
