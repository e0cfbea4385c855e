package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"zohocrm/crm"
	"zohocrm/oauth"
	"zohocrm/store/memory"
)

// asReader, as the first argument, makes this program one that reads many records
// and tells how much memory that took.
const asReader = "reader"

// reading is what it does, its first line.
type reading struct {
	URL, Access string
	Bulk        bool // by a bulk read, not by page tokens
}

// readUp is its answer.
type readUp struct {
	Records int
	Took    time.Duration
	Peak    int64 // bytes; 0: not known on this system
	Error   string
}

// read reads all leads, once.
func read(ctx context.Context, in io.Reader, out io.Writer) error {
	var r reading
	if err := readLine(bufio.NewReader(in), &r); err != nil {
		return err
	}
	c, err := listerClient(r.URL, oauth.NewSecret(r.Access))
	if err != nil {
		return err
	}
	defer c.Close()
	var u readUp
	began := time.Now()
	if r.Bulk {
		u.Records, err = readBulk(ctx, c)
	} else {
		u.Records, err = readPages(ctx, c)
	}
	u.Took, u.Peak = time.Since(began), ownPeak()
	if err != nil {
		u.Error = err.Error()
	}
	return json.NewEncoder(out).Encode(u)
}

func readFields() []string {
	return []string{"Last_Name", "First_Name", "Company", "Email", "Phone", "Lead_Source", "Lead_Status", "No_of_Employees", "Annual_Revenue", "City",
		"Designation", "Mobile", "Website", "Industry", "Street", "State", "Zip_Code", "Country", "Created_Time", "Email_Opt_Out"}
}

func readPages(ctx context.Context, c *crm.Client) (n int, err error) {
	for r, err := range c.Records.List(ctx, "Leads", &crm.ListOptions{Fields: readFields()}) {
		if err != nil {
			return n, err
		}
		if r.Text("Country") == "" {
			return n, errors.New("a lead has no country")
		}
		n++
	}
	return n, nil
}

func readBulk(ctx context.Context, c *crm.Client) (n int, err error) {
	wait := &crm.WaitOptions{First: 10 * time.Millisecond, Most: 100 * time.Millisecond}
	for r, err := range c.Bulk.Export(ctx, crm.ReadQuery{Module: "Leads", Fields: readFields()}, wait) {
		if err != nil {
			return n, err
		}
		if r.Text("Country") == "" {
			return n, errors.New("a row has no country")
		}
		n++
	}
	return n, nil
}

// ownPeak is the most that this process had in memory, where the system tells it
// (Linux). What the system tells of a child that has ended counts in its parent.
func ownPeak() int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if rest, ok := strings.CutPrefix(string(line), "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err == nil {
				return kib * 1024
			}
		}
	}
	return 0
}

// memories measure the memory of reading very many records.
func memories(ctx context.Context, k *kit) (sheet, error) {
	const paged, exported = "bob@example.com", "carol@example.com"
	s, err := k.stand(ctx, memory.New(memory.Config{}), stock{paged: 100_000, exported: 200_000})
	if err != nil {
		return sheet{}, err
	}
	take := func(user string, bulk bool, want int) func(context.Context) (string, bool, error) {
		return func(ctx context.Context) (string, bool, error) {
			u, err := k.readAll(ctx, reading{s.url, s.tokens[user].AccessToken.Reveal(), bulk})
			switch {
			case err != nil:
				return "", false, err
			case u.Records != want:
				return "", false, fmt.Errorf("%d records, want %d", u.Records, want)
			case u.Peak == 0:
				return "not known on this system", true, nil
			}
			return fmt.Sprintf("%.0f MB, %.0f records a second", float64(u.Peak)/1e6, float64(want)/u.Took.Seconds()), u.Peak < 64e6, nil
		}
	}
	return sheet{counts: []count{
		{name: "most memory while listing 100,000 leads of 20 fields", how: "a program that reads them by page token", target: "below 64 MB", measure: take(paged, false, 100_000)},
		{name: "most memory while exporting 200,000 leads of 20 fields", how: "a program that reads the rows of a bulk result", target: "below 64 MB", measure: take(exported, true, 200_000)},
	}}, nil
}

// readAll runs a reader.
func (k *kit) readAll(ctx context.Context, r reading) (u readUp, err error) {
	self, err := os.Executable()
	if err != nil {
		return u, err
	}
	p, err := k.spawn(ctx, self, asReader)
	if err != nil {
		return u, err
	}
	if err := p.ask(r, &u); err != nil {
		return u, err
	}
	if u.Error != "" {
		return u, errors.New(u.Error)
	}
	return u, nil
}
