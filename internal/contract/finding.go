package contract

import (
	"errors"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// findings takes a validator's error apart, and leaves out what the exceptions
// allow.
func (d *Descriptions) findings(base Finding, err error) (list []Finding) {
	if err == nil {
		return nil
	}
	switch e := err.(type) { // not errors.As: what is inside has lost its place
	case openapi3.MultiError:
		for _, one := range e {
			list = append(list, d.findings(base, one)...)
		}
		return list
	case *openapi3filter.RequestError:
		if e.Parameter != nil {
			base.Where = e.Parameter.In + " " + e.Parameter.Name
		}
		if e.Err != nil && !errors.Is(e.Err, openapi3filter.ErrInvalidRequired) {
			return d.findings(base, e.Err)
		}
		base.What = e.Reason
		if e.Err != nil {
			base.What = e.Err.Error()
		}
	case *openapi3filter.ResponseError:
		if e.Err != nil {
			return d.findings(base, e.Err)
		}
		base.What = e.Reason
	case *openapi3.SchemaError:
		if at := strings.Join(e.JSONPointer(), "/"); at != "" {
			base.Where = strings.TrimPrefix(base.Where+"/"+at, "/")
		}
		if e.Schema != nil && (e.SchemaField == "oneOf" || e.SchemaField == "anyOf") {
			return d.variants(base, append(e.Schema.OneOf, e.Schema.AnyOf...), e.Value)
		}
		if e.Schema != nil && e.SchemaField == "allOf" {
			for _, part := range e.Schema.AllOf {
				list = append(list, d.variants(base, openapi3.SchemaRefs{part}, e.Value)...)
			}
			return list
		}
		base.What = e.Reason
	default:
		base.What = err.Error()
	}
	return d.allow([]Finding{base})
}

// variants holds a value against each of some schemas. One that fits is enough,
// also where the file says that it must be the only one: Zoho's variants are
// seldom disjoint. Where none fits, it gives the findings of the nearest.
func (d *Descriptions) variants(base Finding, some openapi3.SchemaRefs, value any) (best []Finding) {
	asked := openapi3.VisitAsResponse()
	if base.Side == "request" {
		asked = openapi3.VisitAsRequest()
	}
	for i, variant := range some {
		list := d.findings(base, variant.Value.VisitJSON(value, openapi3.MultiErrors(), asked))
		if len(list) == 0 {
			return nil
		}
		if i == 0 || len(list) < len(best) {
			best = list
		}
	}
	return best
}
