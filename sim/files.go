package sim

import "net/http"

// routeFiles serves /files: POST uploads files, to be named in a field later;
// GET ?id= downloads one.
func (s *Server) routeFiles(a *apiCall) {
	switch a.r.Method {
	case http.MethodPost:
		if a.may("ZohoCRM.files.CREATE") {
			s.postFiles(a)
		}
	case http.MethodGet:
		if a.may("ZohoCRM.files.READ") {
			s.getFile(a)
		}
	default:
		invalidMethod().write(a.w)
	}
}

func (s *Server) postFiles(a *apiCall) {
	files, err := readUploads(a, s.limits.FilesSize)
	tooBig := newProblem(http.StatusBadRequest, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE", "the size of the files is more than allowed")
	if err != nil {
		uploadProblem(err, tooBig).write(a.w)
		return
	}
	if len(files) == 0 {
		invalidRequest().write(a.w)
		return
	}
	var data []any
	for _, f := range files {
		id := fileID()
		if err := a.org.vault.put(id, f.data); err != nil {
			uploadProblem(err, tooBig).write(a.w)
			return
		}
		a.org.nameFile(id, f.name)
		data = append(data, map[string]any{
			"code": "SUCCESS", "details": map[string]any{"name": f.name, "id": id}, "message": f.name + " uploaded Succesfully", "status": "success",
		})
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"data": data})
}

func (s *Server) getFile(a *apiCall) {
	id := a.r.URL.Query().Get("id")
	if id == "" {
		missingParam("id").write(a.w)
		return
	}
	name, named := a.org.fileName(id)
	data, ok := a.org.vault.get(id)
	if !ok || !named {
		invalidParam("id").write(a.w)
		return
	}
	writeFile(a.w, "application/x-download", name, data)
}
