package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"zohocrm/crm"
)

// page is what all of Zoho's lists have in common: one list, whatever its name,
// and where it goes on.
type page struct {
	entries []json.RawMessage
	more    bool
	next    string // token of the next page; "": by number
}

// pages prints the entries of all pages as one array. They are printed as they
// come, so that a long list needs no memory; after an error the array is closed
// all the same, and the exit code tells.
func (o apiOptions) pages(ctx context.Context, client *crm.Client, r crm.Request) error {
	printed, shown := 0, isTerminal(o.app.out)
	err := eachPage(ctx, client, r, func(p page) error {
		for _, entry := range p.entries {
			if shown {
				entry = jsonForTerminal(entry)
			}
			glue := ",\n"
			if printed == 0 {
				glue = "[\n"
			}
			if _, err := io.WriteString(o.app.out, glue+string(bytes.TrimSpace(entry))); err != nil {
				return err
			}
			printed++
		}
		return nil
	})
	end := "\n]\n"
	if printed == 0 {
		if err != nil {
			return err
		}
		end = "[]\n"
	}
	if _, failed := io.WriteString(o.app.out, end); err == nil {
		err = failed
	}
	if err != nil && printed > 0 {
		err = fmt.Errorf("the list ends too early, after %s: %w", count(printed, "entry"), err)
	}
	return err
}

// eachPage follows a list. Zoho gives a token for the next page, and page numbers
// for lists without one (Zoho: get-records).
func eachPage(ctx context.Context, client *crm.Client, r crm.Request, use func(page) error) error {
	number, _ := strconv.Atoi(r.Query.Get("page"))
	number = max(number, 1)
	for {
		var answer json.RawMessage
		if _, err := client.Do(ctx, r, &answer); err != nil {
			return err
		}
		if len(answer) == 0 { // 204: nothing there
			return nil
		}
		p, err := readPage(answer)
		if err != nil {
			return err
		}
		if err := use(p); err != nil {
			return err
		}
		switch {
		case !p.more:
			return nil
		case p.next == "":
			number++
			r.Query.Set("page", strconv.Itoa(number))
		case p.next == r.Query.Get("page_token"):
			return fmt.Errorf("the server gave the same page token twice")
		default:
			r.Query.Del("page")
			r.Query.Set("page_token", p.next)
		}
	}
}

func readPage(answer []byte) (page, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(answer, &object); err != nil {
		return page{}, usagef("--paginate: the answer is not a list")
	}
	var info struct {
		More bool   `json:"more_records"`
		Next string `json:"next_page_token"`
	}
	_ = json.Unmarshal(object["info"], &info) // lists without pages have none
	p := page{more: info.More, next: info.Next}
	lists := 0
	for key, value := range object {
		if key == "info" || len(value) == 0 || value[0] != '[' {
			continue
		}
		lists++
		if err := json.Unmarshal(value, &p.entries); err != nil {
			return page{}, usagef("--paginate: the answer is not a list")
		}
	}
	if lists != 1 {
		return page{}, usagef("--paginate: the answer holds %d lists instead of one", lists)
	}
	return p, nil
}
