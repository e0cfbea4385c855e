package sim

import "net/http"

// problem is an error answer of the CRM API.
type problem struct {
	status  int
	code    string
	message string
	details map[string]any
}

func newProblem(status int, code, message string) *problem {
	return &problem{status: status, code: code, message: message, details: map[string]any{}}
}

// with adds a detail.
func (p *problem) with(key string, value any) *problem {
	p.details[key] = value
	return p
}

// body is the shape of one error, bare or inside "data".
func (p *problem) body() map[string]any {
	return map[string]any{"code": p.code, "details": p.details, "message": p.message, "status": "error"}
}

func (p *problem) write(w http.ResponseWriter) { writeJSON(w, p.status, p.body()) }

func invalidURL() *problem {
	return newProblem(http.StatusNotFound, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one")
}

// invalidMethod is a 400 at Zoho, not a 405 (Zoho: status-codes page).
func invalidMethod() *problem {
	return newProblem(http.StatusBadRequest, "INVALID_REQUEST_METHOD", "The http request method type is not a valid one")
}

func invalidParam(name string) *problem {
	return newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").with("param_name", name)
}

func missingParam(name string) *problem {
	return newProblem(http.StatusBadRequest, "REQUIRED_PARAM_MISSING", "One of the expected parameter is missing").with("param_name", name)
}

func invalidToken() *problem {
	return newProblem(http.StatusUnauthorized, "INVALID_TOKEN", "invalid oauth token")
}

// tooMany is the one answer for spent credits and for too many calls at once
// (Zoho: status-codes page). There is no Retry-After.
func tooMany() *problem {
	return newProblem(http.StatusTooManyRequests, "TOO_MANY_REQUESTS", "Too many requests fired in concurrency or the API credits are used up")
}
