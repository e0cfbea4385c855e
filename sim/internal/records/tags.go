package records

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// The limits of tags that Zoho's tag pages give.
const (
	maxTags       = 100 // per module
	maxRecordTags = 10
	maxTagName    = 25
)

// Tag is a tag of a module.
type Tag struct {
	ID, Name string
	Color    string // "#F17574"; "": none
	Created  time.Time
	Modified time.Time
	By       Person
}

// JSON is the tag in the form of the API's answers.
func (t *Tag) JSON() map[string]any {
	by := map[string]any{"name": t.By.Name, "id": t.By.ID}
	out := map[string]any{
		"id": t.ID, "name": t.Name, "color_code": nil, "created_by": by, "modified_by": by,
		"created_time": t.Created.UTC().Format(Stamp), "modified_time": t.Modified.UTC().Format(Stamp),
	}
	if t.Color != "" {
		out["color_code"] = t.Color
	}
	return out
}

// short is the tag as records carry it.
func (t *Tag) short() map[string]any {
	out := map[string]any{"id": t.ID, "name": t.Name, "color_code": nil}
	if t.Color != "" {
		out["color_code"] = t.Color
	}
	return out
}

// Tags returns copies of a module's tags.
func (b *Book) Tags(module string) []Tag {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var out []Tag
	for _, t := range b.tables[module].tags {
		out = append(out, *t)
	}
	return out
}

// Tag returns the tag with an ID, and its module.
func (b *Book) Tag(id string) (Tag, string, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for name, t := range b.tables {
		for _, tag := range t.tags {
			if tag.ID == id {
				return *tag, name, true
			}
		}
	}
	return Tag{}, "", false
}

// AddTag makes a tag. It fails when the module has one of that name, or too many.
func (b *Book) AddTag(e Edit, name, color string) (Tag, *Problem) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[e.Module]
	if old := t.tagNamed(name); old != nil {
		return Tag{}, &Problem{Code: "DUPLICATE_DATA", Message: "duplicate data", Details: map[string]any{"id": old.ID, "api_name": "name"}}
	}
	tag, p := b.newTag(t, e, name)
	if p != nil {
		return Tag{}, p
	}
	tag.Color = color
	return *tag, nil
}

func (b *Book) newTag(t *table, e Edit, name string) (*Tag, *Problem) {
	switch {
	case name == "" || len(name) > maxTagName:
		return nil, &Problem{Code: "INVALID_DATA", Message: "invalid data", Details: map[string]any{"api_name": "name", "maximum_length": maxTagName}}
	case len(t.tags) >= maxTags:
		return nil, &Problem{Code: "LIMIT_EXCEEDED", Message: "tag limit exceeded", Details: map[string]any{"limit": maxTags}}
	}
	tag := &Tag{ID: b.nextID(), Name: name, Created: e.Now, Modified: e.Now, By: e.By}
	t.tags = append(t.tags, tag)
	return tag, nil
}

// EditTag gives a tag another name or colour; empty ones stay.
func (b *Book) EditTag(e Edit, id, name, color string) (Tag, *Problem) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[e.Module]
	i := slices.IndexFunc(t.tags, func(x *Tag) bool { return x.ID == id })
	if i < 0 {
		return Tag{}, unknownTag()
	}
	if other := t.tagNamed(name); name != "" && other != nil && other.ID != id {
		return Tag{}, &Problem{Code: "DUPLICATE_DATA", Message: "duplicate data", Details: map[string]any{"id": other.ID, "api_name": "name"}}
	}
	tag := *t.tags[i]
	if name != "" {
		tag.Name = name
	}
	if color != "" {
		tag.Color = color
	}
	tag.Modified = e.Now
	t.tags[i] = &tag
	b.retag(t, e, func(list []*Tag) []*Tag { return list })
	return tag, nil
}

// DropTag deletes a tag and takes it off all records. With into, the records
// get that tag instead.
func (b *Book) DropTag(e Edit, id, into string) *Problem {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[e.Module]
	i := slices.IndexFunc(t.tags, func(x *Tag) bool { return x.ID == id })
	other := slices.IndexFunc(t.tags, func(x *Tag) bool { return x.ID == into })
	if i < 0 || into != "" && other < 0 {
		return unknownTag()
	}
	b.retag(t, e, func(list []*Tag) []*Tag {
		at := slices.IndexFunc(list, func(x *Tag) bool { return x.ID == id })
		if at < 0 {
			return list
		}
		list = slices.Delete(slices.Clone(list), at, at+1)
		if into != "" && !slices.ContainsFunc(list, func(x *Tag) bool { return x.ID == into }) {
			list = append(list, t.tags[other])
		}
		return list
	})
	t.tags = slices.DeleteFunc(t.tags, func(x *Tag) bool { return x.ID == id })
	return nil
}

func unknownTag() *Problem {
	return &Problem{Code: "INVALID_DATA", Message: "the id given seems to be invalid", Details: map[string]any{"resource_path_index": 2}}
}

// TagCount is how many records carry a tag.
func (b *Book) TagCount(module, id string) int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	n, t := 0, b.tables[module]
	for _, r := range t.rows {
		if slices.ContainsFunc(t.tagsOf(r), func(x *Tag) bool { return x.ID == id }) {
			n++
		}
	}
	return n
}

// retag rewrites the tags of all records that have some. Nobody's Modified_Time changes.
func (b *Book) retag(t *table, _ Edit, change func([]*Tag) []*Tag) {
	for _, r := range slices.Clone(t.rows) {
		if list := t.tagsOf(r); list != nil {
			d := revise(t.schema, r)
			d.set(tagField, tagJSON(change(list)))
			t.put(d.seal())
		}
	}
}

func (t *table) tagNamed(name string) *Tag {
	for _, tag := range t.tags {
		if strings.EqualFold(tag.Name, name) {
			return tag
		}
	}
	return nil
}

// tagsOf are the tags of a record, as they are now.
func (t *table) tagsOf(r *record) []*Tag {
	slot := t.slot(tagField)
	if slot < 0 || isNull(r.stored(slot)) {
		return nil
	}
	var listed []struct{ ID string }
	if json.Unmarshal(r.stored(slot), &listed) != nil {
		return nil
	}
	var out []*Tag
	for _, l := range listed {
		for _, tag := range t.tags {
			if tag.ID == l.ID {
				out = append(out, tag)
			}
		}
	}
	return out
}

func tagJSON(list []*Tag) []byte {
	if len(list) == 0 {
		return nil
	}
	var out []any
	for _, tag := range list {
		out = append(out, tag.short())
	}
	return marshal(out)
}

// tagList reads the tags of a write: [{"name": "..."}]. New names become tags.
func (t *table) tagList(i int, f Field, v any, b *Book) ([]byte, *Problem) {
	items, ok := v.([]any)
	if !ok {
		return nil, wrong(i, f, "jsonarray")
	}
	var list []*Tag
	for _, item := range items {
		m, _ := item.(map[string]any)
		name, _ := m["name"].(string)
		tag := t.tagNamed(name)
		if tag == nil {
			made, p := b.newTag(t, Edit{}, name)
			if p != nil {
				return nil, wrong(i, f, "")
			}
			tag = made
		}
		if !slices.Contains(list, tag) {
			list = append(list, tag)
		}
	}
	if len(list) > maxRecordTags {
		p := wrong(i, f, "")
		p.Details["maximum_length"] = maxRecordTags
		return nil, p
	}
	return tagJSON(list), nil
}

// TagRecords puts tags on records, or takes them off. replace puts them in
// place of those that were there.
func (b *Book) TagRecords(e Edit, ids, names []string, remove, replace bool) []Result {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[e.Module]
	var out []Result
	for _, id := range ids {
		r := t.find(id)
		if r == nil {
			out = append(out, failed("INVALID_DATA", "invalid data", map[string]any{"id": id}))
			continue
		}
		list := slices.Clone(t.tagsOf(r))
		if replace {
			list = nil
		}
		var wrong *Problem
		for _, name := range names {
			tag := t.tagNamed(name)
			if remove {
				list = slices.DeleteFunc(list, func(x *Tag) bool { return x == tag })
				continue
			}
			if tag == nil {
				if tag, wrong = b.newTag(t, e, name); wrong != nil {
					break
				}
			}
			if !slices.Contains(list, tag) {
				list = append(list, tag)
			}
		}
		if wrong == nil && len(list) > maxRecordTags {
			wrong = &Problem{Code: "LIMIT_EXCEEDED", Message: "tag limit exceeded", Details: map[string]any{"id": id, "limit": maxRecordTags}}
		}
		if wrong != nil {
			out = append(out, Result{Problem: wrong})
			continue
		}
		d := revise(t.schema, r)
		d.set(tagField, tagJSON(list))
		done := b.replace(e, t, r, d)
		tags := make([]any, 0, len(list))
		for _, tag := range list {
			tags = append(tags, tag.short())
		}
		done.message, done.details = "tags updated successfully", map[string]any{"id": id, "tags": tags}
		out = append(out, done)
	}
	return out
}

// tagNames are the names in a record's tags.
func tagNames(value []byte) []string {
	var listed []struct{ Name string }
	if isNull(value) || json.Unmarshal(value, &listed) != nil {
		return nil
	}
	var out []string
	for _, l := range listed {
		out = append(out, l.Name)
	}
	return out
}
