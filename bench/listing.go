package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"zohocrm/crm"
	"zohocrm/store/csvfile"
)

// listed is the number of leads in the measurements of listing.
const listed = 10_000

// lead has the twenty fields that are listed.
type lead struct {
	ID        string       `json:"id"`
	LastName  string       `json:"Last_Name"`
	FirstName string       `json:"First_Name"`
	Company   string       `json:"Company"`
	Email     string       `json:"Email"`
	Phone     string       `json:"Phone"`
	Source    string       `json:"Lead_Source"`
	Status    string       `json:"Lead_Status"`
	Employees int          `json:"No_of_Employees"`
	Revenue   float64      `json:"Annual_Revenue"`
	OptOut    bool         `json:"Email_Opt_Out"`
	Title     string       `json:"Designation"`
	Mobile    string       `json:"Mobile"`
	Website   string       `json:"Website"`
	Industry  string       `json:"Industry"`
	Street    string       `json:"Street"`
	City      string       `json:"City"`
	State     string       `json:"State"`
	Zip       string       `json:"Zip_Code"`
	Country   string       `json:"Country"`
	CreatedAt crm.DateTime `json:"Created_Time"`
}

// listings measure listing leads against the official SDK and against the least
// that a Go program can write for it, all with the same simulator.
func listings(ctx context.Context, k *kit) (sheet, error) {
	dir, err := k.folder()
	if err != nil {
		return sheet{}, err
	}
	store, err := csvfile.New(csvfile.Config{Path: filepath.Join(dir, "sdk_tokens.txt")})
	if err != nil {
		return sheet{}, err
	}
	const alice = "alice@example.com"
	s, err := k.stand(ctx, store, stock{alice: listed})
	if err != nil {
		return sheet{}, err
	}
	c, err := s.client(alice)
	if err != nil {
		return sheet{}, err
	}
	k.later(c.Close)
	table, err := crm.TableOf[lead](c, "Leads")
	if err != nil {
		return sheet{}, err
	}
	sdk, err := k.nodeList(ctx, filepath.Join(dir, "sdk_tokens.txt"), s.url, dir, alice, table.Fields())
	if err != nil {
		return sheet{}, err
	}
	bare := bareLister{http: &http.Client{Timeout: time.Minute}, url: s.url, access: s.tokens[alice].AccessToken.Reveal(), fields: table.Fields()}
	k.later(func() error { bare.http.CloseIdleConnections(); return nil })
	free := each(func() error { return listFree(ctx, c, table.Fields()) })
	typed := each(func() error { return listTyped(ctx, table) })
	const node, maps = "the Node.js SDK, version 8.0", "net/http and encoding/json, into map[string]any"
	return sheet{rows: []row{
		{name: "list 10,000 leads of 20 fields, into records", other: node, ours: free, theirs: sdk, faster: 5},
		{name: "list 10,000 leads of 20 fields, into structs", other: node, ours: typed, theirs: sdk, faster: 8},
		{name: "list 10,000 leads of 20 fields, into records", other: maps, ours: free, theirs: each(func() error { return bare.list(ctx) }), atMost: 1},
		{name: "list 10,000 leads of 20 fields, into structs", other: maps, ours: typed, theirs: each(func() error { return bare.list(ctx) }), atMost: 1},
	}}, nil
}

func listFree(ctx context.Context, c *crm.Client, fields []string) error {
	n := 0
	for r, err := range c.Records.List(ctx, "Leads", &crm.ListOptions{Fields: fields}) {
		if err != nil {
			return err
		}
		if r.ID() == "" || r.Text("Last_Name") == "" {
			return errors.New("a lead has no name")
		}
		n++
	}
	return all(n)
}

func listTyped(ctx context.Context, t *crm.Table[lead]) error {
	n := 0
	for l, err := range t.List(ctx, nil) {
		if err != nil {
			return err
		}
		if l.ID == "" || l.LastName == "" || l.Country == "" || l.Revenue == 0 {
			return errors.New("a lead has no name")
		}
		n++
	}
	return all(n)
}

func all(n int) error {
	if n != listed {
		return fmt.Errorf("%d leads, want %d", n, listed)
	}
	return nil
}

// bareLister is the loop that a program has which uses no SDK.
type bareLister struct {
	http        *http.Client
	url, access string
	fields      []string
}

func (b *bareLister) list(ctx context.Context) error {
	n := 0
	for token := ""; ; {
		query := url.Values{"fields": {strings.Join(b.fields, ",")}, "per_page": {"200"}}
		if token != "" {
			query.Set("page_token", token)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url+"/crm/v8/Leads?"+query.Encode(), nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Zoho-oauthtoken "+b.access)
		resp, err := b.http.Do(req)
		if err != nil {
			return err
		}
		var page struct {
			Data []map[string]any
			Info struct {
				More  bool   `json:"more_records"`
				Token string `json:"next_page_token"`
			}
		}
		err = errors.Join(json.NewDecoder(resp.Body).Decode(&page), resp.Body.Close())
		if err != nil {
			return err
		}
		for _, r := range page.Data {
			if r["id"] == "" || r["Last_Name"] == "" {
				return errors.New("a lead has no name")
			}
			n++
		}
		if token = page.Info.Token; !page.Info.More {
			return all(n)
		}
	}
}

// nodeList is a side that lists by the official SDK.
func (k *kit) nodeList(ctx context.Context, file, url, dir, user string, fields []string) (side, error) {
	entry, err := installSDK(ctx)
	if err != nil {
		return nil, fmt.Errorf("the official Node.js SDK cannot be measured: %w: install Node.js 18 or newer with npm, and let an npm registry be reached", err)
	}
	job, err := json.Marshal(map[string]any{"file": file, "url": url, "folder": dir, "user": user, "fields": fields, "want": listed})
	if err != nil {
		return nil, err
	}
	p, err := k.spawn(ctx, "node", filepath.Join("bench", "node", "list.mjs"), entry, string(job))
	if err != nil {
		return nil, err
	}
	return func(n int) (time.Duration, error) { return p.timed(map[string]int{"lists": n}) }, nil
}
