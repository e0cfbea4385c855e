package csvfile

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"time"

	"zohocrm/oauth"
)

// sides is what side.log says, the file of appended lines in the folder beside
// the token file. What cannot be read of it is passed over: losing side data is
// harmless, and tokens must be found without.
type sides struct {
	path    string
	stamp   stamp // of side.log when it was last read
	name    string
	read    int64 // how much of it was read, in bytes: whole lines
	lines   int
	entries map[string]oauth.Token // by side key; only the side fields are set
	wrote   wrote                  // by whoever used this package last
}

// entry is one line of side.log. Each says only what it sets.
type entry struct {
	Log      string `json:"log,omitempty"` // the first line: a name, to tell this log from one that took its place
	Key      string `json:"key,omitempty"` // [oauth.Token.SideKey]; the other fields are its side data
	Scope    string `json:"scope,omitempty"`
	Accounts string `json:"accounts_url,omitempty"`
	Created  int64  `json:"created_at,omitempty"` // Unix times in milliseconds
	Updated  int64  `json:"updated_at,omitempty"`
	Used     int64  `json:"last_used_at,omitempty"`
	Wrote    *wrote `json:"wrote,omitempty"`
}

// wrote is what a writer says of the token file before putting it in place.
type wrote struct {
	Highest int64 `json:"highest_id"` // the greatest number ever given, those of deleted rows included
	Rows    int   `json:"rows"`
	File    stamp `json:"file"` // a file in this state is whole
}

// sideLog is the log's name in the folder beside the token file.
const sideLog = "side.log"

func newSides(target string) sides {
	return sides{path: filepath.Join(besides(target), sideLog), entries: map[string]oauth.Token{}}
}

// current reports whether side.log is as it was when it was last read.
func (d *sides) current() bool {
	now, err := statStamp(d.path)
	return err != nil || now == d.stamp
}

// refresh reads what was appended since, or all of another log.
func (d *sides) refresh() {
	f, err := os.OpenFile(d.path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		*d = sides{path: d.path, entries: map[string]oauth.Token{}}
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
		return
	}
	if name := logName(f); name != d.name || info.Size() < d.read {
		*d = sides{path: d.path, name: name, entries: map[string]oauth.Token{}}
	}
	d.stamp = stampOf(info)
	tail, err := io.ReadAll(io.NewSectionReader(f, d.read, info.Size()-d.read))
	if err != nil {
		return
	}
	for {
		line, rest, whole := bytes.Cut(tail, []byte("\n"))
		if !whole {
			return // being appended
		}
		d.apply(line)
		d.read += int64(len(line)) + 1
		tail = rest
	}
}

func logName(f *os.File) string {
	head := make([]byte, 128)
	n, _ := f.ReadAt(head, 0)
	line, _, _ := bytes.Cut(head[:n], []byte("\n"))
	var first entry
	if json.Unmarshal(line, &first) != nil {
		return ""
	}
	return first.Log
}

func (d *sides) apply(line []byte) {
	d.lines++
	var e entry
	if json.Unmarshal(line, &e) != nil {
		return // torn when a writer died
	}
	if e.Key != "" {
		d.entries[e.Key] = e.token()
	}
	if e.Wrote != nil {
		d.wrote = *e.Wrote
	}
}

// entryOf is t's side data as a line.
func entryOf(t oauth.Token) entry {
	return entry{
		Key: t.SideKey(), Scope: t.Scope, Accounts: t.AccountsURL,
		Created: milli(t.CreatedAt), Updated: milli(t.UpdatedAt), Used: milli(t.LastUsedAt),
	}
}

func (e entry) token() oauth.Token {
	return oauth.Token{
		Scope: e.Scope, AccountsURL: e.Accounts,
		CreatedAt: moment(e.Created), UpdatedAt: moment(e.Updated), LastUsedAt: moment(e.Used),
	}
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
