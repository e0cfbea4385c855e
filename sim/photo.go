package sim

import (
	"net/http"
	"slices"
	"strings"
)

// routePhoto serves /{module}/{id}/photo.
func (s *Server) routePhoto(a *apiCall, module, id string) {
	if !slices.Contains([]string{"Leads", "Contacts", "Accounts", "Products"}, module) {
		newProblem(http.StatusBadRequest, "NOT_SUPPORTED", "photo is not supported for the module").with("resource_path_index", 0).write(a.w)
		return
	}
	op := map[string]string{http.MethodGet: "READ", http.MethodPost: "CREATE", http.MethodDelete: "DELETE"}[a.r.Method]
	switch {
	case op == "":
		invalidMethod().write(a.w)
		return
	case !a.mayRecords(module, op):
		return
	case !a.book().Holds(module, id):
		newProblem(http.StatusBadRequest, "INVALID_DATA", "the id given seems to be invalid").with("id", id).write(a.w)
		return
	}
	key := "photo/" + id
	switch op {
	case "READ":
		data, ok := a.org.vault.get(key)
		if !ok {
			a.w.WriteHeader(http.StatusNoContent)
			return
		}
		writeFile(a.w, http.DetectContentType(data), "photo", data)
	case "CREATE":
		s.postPhoto(a, key)
	case "DELETE":
		a.org.vault.drop(key)
		writePhotoDone(a, "Photo deleted")
	}
}

func (s *Server) postPhoto(a *apiCall, key string) {
	files, err := readUploads(a, s.limits.PhotoSize)
	tooBig := newProblem(http.StatusRequestEntityTooLarge, "FILE_SIZE_MORE_THAN_ALLOWED_SIZE", "the size of the photo is more than allowed")
	switch {
	case err != nil:
		uploadProblem(err, tooBig).write(a.w)
		return
	case len(files) != 1:
		invalidRequest().write(a.w)
		return
	case !strings.HasPrefix(http.DetectContentType(files[0].data), "image/"):
		newProblem(http.StatusBadRequest, "INVALID_DATA", "The image format is invalid.").write(a.w)
		return
	}
	if err := a.org.vault.put(key, files[0].data); err != nil {
		uploadProblem(err, tooBig).write(a.w)
		return
	}
	writePhotoDone(a, "photo uploaded successfully")
}

func writePhotoDone(a *apiCall, message string) {
	writeJSON(a.w, http.StatusOK, map[string]any{"message": message, "details": map[string]any{}, "status": "success", "code": "SUCCESS"})
}
