package contract

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// unknownMembers are those of the request's body that its schema does not name,
// at any depth, which a validator lets pass. An object without named members may
// have any.
func unknownMembers(base Finding, op *openapi3.Operation, e Exchange) (list []Finding) {
	if op.RequestBody == nil || op.RequestBody.Value == nil || len(e.Body) == 0 {
		return nil
	}
	media := op.RequestBody.Value.Content.Get("application/json")
	var body any
	if media == nil || media.Schema == nil || json.Unmarshal(e.Body, &body) != nil {
		return nil // the validator has said so
	}
	base.What = "a member that is not listed"
	for _, where := range unnamed(openapi3.SchemaRefs{media.Schema}, body, nil) {
		base.Where = where
		list = append(list, base)
	}
	return list
}

// unnamed are the places in a value of what none of some schemas names.
func unnamed(schemas openapi3.SchemaRefs, value any, at []string) (places []string) {
	schemas = flat(schemas)
	switch v := value.(type) {
	case []any:
		var items openapi3.SchemaRefs
		for _, s := range schemas {
			if s.Value.Items != nil {
				items = append(items, s.Value.Items)
			}
		}
		for i, item := range v {
			places = append(places, unnamed(items, item, append(slices.Clone(at), strconv.Itoa(i)))...)
		}
	case map[string]any:
		named := map[string]openapi3.SchemaRefs{}
		for _, s := range schemas {
			if len(s.Value.Properties) == 0 {
				return nil
			}
			for name, p := range s.Value.Properties {
				named[name] = append(named[name], p)
			}
		}
		if len(named) == 0 {
			return nil
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			here := append(slices.Clone(at), name)
			if named[name] == nil {
				places = append(places, strings.Join(here, "/"))
				continue
			}
			places = append(places, unnamed(named[name], v[name], here)...)
		}
	}
	return places
}

// flat puts variants and parts in place of the schemas that have them.
func flat(schemas openapi3.SchemaRefs) (all openapi3.SchemaRefs) {
	for _, s := range schemas {
		if s == nil || s.Value == nil || len(s.Value.Properties) == 0 && len(s.Value.Required) > 0 {
			continue // the latter is of tighten
		}
		parts := slices.Concat(s.Value.OneOf, s.Value.AnyOf, s.Value.AllOf)
		if len(parts) == 0 {
			all = append(all, s)
			continue
		}
		all = append(all, flat(parts)...)
	}
	return all
}

// unknownHeaders are those of the request that neither HTTP nor the operation names.
func unknownHeaders(base Finding, item *openapi3.PathItem, op *openapi3.Operation, e Exchange) (list []Finding) {
	known := []string{"Accept", "Authorization", "Content-Type", "User-Agent"}
	for _, p := range append(slices.Clone(item.Parameters), op.Parameters...) {
		if p.Value != nil && p.Value.In == openapi3.ParameterInHeader {
			known = append(known, http.CanonicalHeaderKey(p.Value.Name))
		}
	}
	base.What = "not listed"
	for _, name := range slices.Sorted(maps.Keys(e.Request.Header)) {
		if !slices.Contains(known, name) {
			base.Where = "header " + name
			list = append(list, base)
		}
	}
	return list
}
