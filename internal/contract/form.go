package contract

import (
	"bytes"
	"mime"
	"mime/multipart"

	"github.com/getkin/kin-openapi/openapi3"
)

// unknownParts looks at the parts of a form: each must be named as a member of
// the operation's body. What is in them is a file, of any kind.
func unknownParts(base Finding, op *openapi3.Operation, e Exchange) (list []Finding) {
	found := func(what string) []Finding {
		base.What = what
		return append(list, base)
	}
	if op.RequestBody == nil || op.RequestBody.Value == nil {
		return found("a form, where no body is listed")
	}
	media := op.RequestBody.Value.Content.Get("multipart/form-data")
	if media == nil || media.Schema == nil {
		return found("a form, which is not listed")
	}
	_, parameters, err := mime.ParseMediaType(e.Request.Header.Get("Content-Type"))
	if err != nil {
		return found(err.Error())
	}
	form, err := multipart.NewReader(bytes.NewReader(e.Body), parameters["boundary"]).ReadForm(1 << 20)
	if err != nil {
		return found(err.Error())
	}
	defer form.RemoveAll()
	if len(form.File) == 0 {
		return found("a form without a file")
	}
	for name := range form.File {
		if media.Schema.Value.Properties[name] == nil {
			base.Where = name
			list = found("a part that is not listed")
		}
	}
	return list
}
