package crm

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"zohocrm/internal/nearest"
)

// suggest finds the module or field that an error is probably about and adds it
// to the error. It looks into what is remembered. Only a module that does not
// exist, or a field that a read names wrongly, is worth one call to find out:
// somebody mistyped it, and the answer is remembered. Do never asks.
func (c *Client) suggest(ctx context.Context, call *call, e *Error, mayAsk bool) {
	if ctx.Value(inSuggestion{}) != nil || call.path == modulesPath {
		return
	}
	if e.Code == "INVALID_MODULE" || e.Code == "MODULE_NOT_AVAILABLE" {
		c.suggestModule(ctx, call, e, mayAsk)
		return
	}
	switch kind := e.kind(); {
	case kind != ErrSyntax && kind != ErrInvalidData && kind != ErrRequest, strings.HasPrefix(call.path, "/crm/v8/settings/"):
		return
	}
	query := strings.HasSuffix(call.path, "/coql")
	if query && call.about != "" {
		// A query of a module that does not exist is just not valid.
		c.suggestModule(ctx, call, e, mayAsk)
	}
	if e.Nearest == "" {
		c.suggestField(ctx, call, e, mayAsk && (call.names != nil || query || call.method == http.MethodGet))
	}
}

// inSuggestion marks the calls that are made to find a suggestion.
type inSuggestion struct{}

func (c *Client) suggestModule(ctx context.Context, call *call, e *Error, mayAsk bool) {
	if name := call.module(); name != "" {
		e.Nearest = misspelled(c.namesOf(ctx, modulesPath, "modules", nil, mayAsk), name)
	}
}

// suggestField looks for the field that the error names, and else for one of
// those that the call names: Zoho may only say that the criteria are wrong.
func (c *Client) suggestField(ctx context.Context, call *call, e *Error, mayAsk bool) {
	module := call.module()
	if about := (Record{e.Details}).Text("module"); about != "" {
		module = about
	}
	query, err := ofModule(module)
	if err != nil {
		return
	}
	names := call.names
	if name := e.field(); isName(name) {
		names = append([]string{name}, names...)
	}
	if len(names) > 0 {
		e.Nearest = misspelled(c.namesOf(ctx, fieldsPath, "fields", query, mayAsk), names...)
	}
}

// misspelled is what the first of the names that is not known is near to. Of a
// name with dots, the first part is the module's field.
func misspelled(known []string, names ...string) string {
	for _, name := range names {
		name, _, _ = strings.Cut(name, ".")
		if name == "id" || slices.Contains(known, name) {
			continue
		}
		if near := nearest.Name(name, known); near != "" {
			return near
		}
	}
	return ""
}

// namesOf are the API names in a list of metadata, nil if they are not known.
func (c *Client) namesOf(ctx context.Context, path, list string, query url.Values, mayAsk bool) []string {
	records := c.metadata.peek(metadataKey(path, query))
	if records == nil && mayAsk {
		var err error
		if records, err = c.Metadata.list(context.WithValue(ctx, inSuggestion{}, true), path, list, query); err != nil {
			c.giveUpSuggesting(err)
		}
	}
	return convert(records, func(r Record) string { return r.Text("api_name") })
}

// giveUpSuggesting: without the scope for metadata every mistake would cost
// one more call for nothing.
func (c *Client) giveUpSuggesting(err error) {
	if errors.Is(err, ErrScope) || errors.Is(err, ErrPermission) {
		c.noSuggestions.Store(true)
	}
}

// module is the module that a call is about, "" if its address does not say.
func (c *call) module() string {
	if module := c.query.Get("module"); module != "" {
		return module
	}
	if c.about != "" {
		return c.about
	}
	part := strings.Split(strings.Trim(c.path, "/"), "/")
	if len(part) < 3 || part[1] != "v8" || strings.HasPrefix(part[2], "_") {
		return ""
	}
	name := part[2]
	switch name {
	case "settings":
		if len(part) < 5 || part[3] != "modules" {
			return ""
		}
		name = part[4]
	case "coql", "users", "org", "files", "actions", "upload":
		return ""
	}
	plain, err := url.PathUnescape(name)
	if err != nil {
		return ""
	}
	return plain
}
