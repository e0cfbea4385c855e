package contract

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// tighten makes each variant of a schema that demands nothing demand one of the
// members that it names. Zoho's errors demand none, so that anything at all, a
// damaged answer above all, would pass for an error.
func tighten(op *openapi3.Operation) {
	seen := map[*openapi3.Schema]bool{}
	if op.RequestBody != nil && op.RequestBody.Value != nil {
		tightenContent(op.RequestBody.Value.Content, seen)
	}
	for _, response := range op.Responses.Map() {
		if response.Value != nil {
			tightenContent(response.Value.Content, seen)
		}
	}
}

func tightenContent(content openapi3.Content, seen map[*openapi3.Schema]bool) {
	for _, media := range content {
		tightenSchema(media.Schema, seen)
	}
}

func tightenSchema(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return
	}
	s := ref.Value
	seen[s] = true
	tightenSchema(s.Items, seen)
	for _, p := range s.Properties {
		tightenSchema(p, seen)
	}
	for _, list := range []openapi3.SchemaRefs{s.AllOf, s.OneOf, s.AnyOf} {
		for _, part := range list {
			tightenSchema(part, seen)
		}
	}
	for _, list := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		for i, part := range list {
			if part.Value != nil && len(part.Value.Properties) > 0 && len(part.Value.Required) == 0 {
				named := &openapi3.Schema{AllOf: openapi3.SchemaRefs{part, openapi3.NewSchemaRef("", oneOfMembers(part.Value))}}
				seen[named] = true
				list[i] = openapi3.NewSchemaRef("", named)
			}
		}
	}
}

// oneOfMembers demands one of the members that a schema names.
func oneOfMembers(s *openapi3.Schema) *openapi3.Schema {
	some := new(openapi3.Schema)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		some.AnyOf = append(some.AnyOf, openapi3.NewSchemaRef("", &openapi3.Schema{Required: []string{name}}))
	}
	return some
}
