package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"zohocrm/sim/internal/records"
)

// maxAttachments bounds the attachments of one organisation.
const maxAttachments = 10_000

// attachment is a file or a link that hangs on a record.
type attachment struct {
	id, module, parent string
	name               string
	size               int
	link               string // of an attachmentUrl; "": a file
	by                 records.Person
	at                 time.Time
}

// attachments are those of one organisation, oldest first.
type attachments struct {
	mu   sync.Mutex
	list []attachment
}

func (x *attachments) add(at attachment) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.list) >= maxAttachments {
		return false
	}
	x.list = append(x.list, at)
	return true
}

// of returns the attachments of a record, latest first.
func (x *attachments) of(parent string) []attachment {
	x.mu.Lock()
	defer x.mu.Unlock()
	var out []attachment
	for _, at := range slices.Backward(x.list) {
		if at.parent == parent {
			out = append(out, at)
		}
	}
	return out
}

func (x *attachments) drop(parent, id string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := slices.IndexFunc(x.list, func(at attachment) bool { return at.id == id && at.parent == parent })
	if i >= 0 {
		x.list = slices.Delete(x.list, i, i+1)
	}
	return i >= 0
}

// move hangs the attachments of one record on another.
func (x *attachments) move(from, module, to string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range x.list {
		if x.list[i].parent == from {
			x.list[i].module, x.list[i].parent = module, to
		}
	}
}

// routeAttachments serves /{module}/{id}/Attachments and one of them below it.
func (s *Server) routeAttachments(a *apiCall, module, id string, rest []string) {
	if len(rest) > 1 {
		invalidURL().write(a.w)
		return
	}
	op := map[string]string{http.MethodGet: "READ", http.MethodPost: "CREATE", http.MethodDelete: "DELETE"}[a.r.Method]
	switch {
	case op == "" || op == "CREATE" && len(rest) == 1:
		invalidMethod().write(a.w)
		return
	case !a.mayRecords("Attachments", op):
		return
	case !a.book().Holds(module, id):
		newProblem(http.StatusBadRequest, "INVALID_DATA", "the related id given seems to be invalid").
			with("resource_path_index", 1).with("related_status", "invalid").write(a.w)
		return
	}
	switch {
	case op == "CREATE":
		s.postAttachment(a, module, id)
	case op == "READ" && len(rest) == 0:
		s.listAttachments(a, id)
	case op == "READ":
		s.getAttachment(a, id, rest[0])
	default:
		s.deleteAttachments(a, id, rest)
	}
}

func (s *Server) postAttachment(a *apiCall, module, id string) {
	at := attachment{id: a.book().NewID(), module: module, parent: id, by: a.user.asOwner(), at: a.now}
	q := a.r.URL.Query()
	if at.link = q.Get("attachmentUrl"); at.link != "" {
		if u, err := url.Parse(at.link); err != nil || u.Host == "" {
			invalidParam("attachmentUrl").write(a.w)
			return
		}
		if at.name = q.Get("title"); at.name == "" {
			at.name = at.link
		}
		s.keepAttachment(a, at)
		return
	}
	files, err := readUploads(a, s.limits.AttachmentSize)
	tooBig := newProblem(http.StatusRequestEntityTooLarge, "BODY_SIZE_REACHED", "the size of the attachment is more than allowed")
	switch {
	case err != nil:
		uploadProblem(err, tooBig).write(a.w)
		return
	case len(files) != 1:
		missingParam("file").with("param", "file").write(a.w)
		return
	}
	at.name, at.size = files[0].name, len(files[0].data)
	if err := a.org.vault.put(at.id, files[0].data); err != nil {
		uploadProblem(err, tooBig).write(a.w)
		return
	}
	s.keepAttachment(a, at)
}

func (s *Server) keepAttachment(a *apiCall, at attachment) {
	if !a.org.attachments.add(at) {
		a.org.vault.drop(at.id)
		uploadProblem(errFull, nil).write(a.w)
		return
	}
	who := map[string]any{"id": at.by.ID, "name": at.by.Name, "email": at.by.Email}
	when := at.at.UTC().Format(records.Stamp)
	writeJSON(a.w, http.StatusOK, map[string]any{"data": []any{map[string]any{
		"code": "SUCCESS", "message": "attachment uploaded successfully", "status": "success", "details": map[string]any{
			"id": at.id, "Created_Time": when, "Modified_Time": when, "Created_By": who, "Modified_By": who,
		},
	}}})
}

func (s *Server) listAttachments(a *apiCall, id string) {
	q := a.r.URL.Query()
	l := newListing()
	problem := firstProblem(l.readSelection(q), l.readPage(q))
	if problem == nil && len(l.query.Fields) == 0 {
		problem = missingParam("fields").with("param", "fields")
	}
	if problem != nil {
		problem.write(a.w)
		return
	}
	var data []any
	all := a.org.attachments.of(id)
	start := min(l.query.Start, len(all))
	end := min(start+l.query.Limit, len(all))
	for _, at := range all[start:end] {
		if len(l.query.IDs) == 0 || slices.Contains(l.query.IDs, at.id) {
			data = append(data, at.json())
		}
	}
	if len(data) == 0 {
		a.w.WriteHeader(http.StatusNoContent)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"data": data, "info": l.info(len(data), end < len(all))})
}

// json is the attachment in the form of the API's lists; all fields are always
// there.
func (at attachment) json() map[string]any {
	who := map[string]any{"id": at.by.ID, "name": at.by.Name, "email": at.by.Email}
	when := at.at.UTC().Format(records.Stamp)
	out := map[string]any{
		"id": at.id, "File_Name": at.name, "Size": strconv.Itoa(at.size), "$link_url": nil, "$type": "Attachment",
		"Parent_Id":    map[string]any{"id": at.parent, "name": "", "module": map[string]any{"api_name": at.module}},
		"Created_Time": when, "Modified_Time": when, "Created_By": who, "Modified_By": who, "Owner": who,
		"$file_id": at.id, "$se_module": at.module, "$editable": true, "$state": "save", "$attachment_type": 0, "$sharing_permission": "full_access",
	}
	if at.link != "" {
		out["$link_url"], out["$type"] = at.link, "Link URL"
	}
	return out
}

// getAttachment streams a file. A link has none and is answered with 204.
func (s *Server) getAttachment(a *apiCall, parent, id string) {
	for _, at := range a.org.attachments.of(parent) {
		if at.id != id {
			continue
		}
		data, ok := a.org.vault.get(id)
		if !ok {
			a.w.WriteHeader(http.StatusNoContent)
			return
		}
		writeFile(a.w, "application/x-download", at.name, data)
		return
	}
	unknownAttachment().write(a.w)
}

func unknownAttachment() *problem {
	return newProblem(http.StatusBadRequest, "INVALID_DATA", "the related id given seems to be invalid").
		with("resource_path_index", 3).with("related_status", "invalid")
}

func (s *Server) deleteAttachments(a *apiCall, parent string, ids []string) {
	if len(ids) == 0 {
		var problem *problem
		if ids, problem = readIDs(a); problem != nil {
			problem.write(a.w)
			return
		}
	}
	var data []any
	good := 0
	for _, id := range ids {
		if !a.org.attachments.drop(parent, id) {
			data = append(data, unknownAttachment().body())
			continue
		}
		good++
		a.org.vault.drop(id)
		data = append(data, map[string]any{"code": "SUCCESS", "details": map[string]any{"id": id}, "message": "record deleted", "status": "success"})
	}
	status := http.StatusOK
	switch {
	case good == 0:
		status = http.StatusBadRequest
	case good < len(ids):
		status = http.StatusMultiStatus
	}
	writeJSON(a.w, status, map[string]any{"data": data})
}
