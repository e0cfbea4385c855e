package sim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"zohocrm/sim/internal/records"
)

// maxJobs bounds the bulk jobs that an organisation remembers; the oldest goes.
const maxJobs = 200

// bulkJob is a bulk read or write on its way.
type bulkJob struct {
	id       string
	created  time.Time
	due      time.Time // when it is done
	by       records.Person
	callback *callback
	read     *readJob  // nil: a write
	write    *writeJob // nil: a read
	finished bool      // its work is done and its callback sent
}

// callback is where a job tells that it is done.
type callback struct {
	URL    string `json:"url"`
	Method string `json:"method"`
}

// jobBook holds the bulk jobs of one organisation.
type jobBook struct {
	mu        sync.Mutex
	jobs      []*bulkJob
	downloads window
}

// window counts the events of a rate in fixed spans.
type window struct {
	start time.Time
	n     int
}

func (w *window) take(now time.Time, r Rate) bool {
	if r.N <= 0 {
		return true
	}
	if now.Sub(w.start) >= r.Per || now.Before(w.start) {
		w.start, w.n = now, 0
	}
	w.n++
	return w.n <= r.N
}

func (b *jobBook) add(j *bulkJob) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.jobs) >= maxJobs {
		b.jobs = slices.Delete(b.jobs, 0, 1)
	}
	b.jobs = append(b.jobs, j)
}

func (b *jobBook) find(id string) *bulkJob {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, j := range b.jobs {
		if j.id == id {
			return j
		}
	}
	return nil
}

// state is how far a job has come.
func (j *bulkJob) state(now time.Time) string {
	third := j.due.Sub(j.created) / 3
	switch {
	case !now.Before(j.due):
		return "COMPLETED"
	case now.Before(j.created.Add(third)):
		return "ADDED"
	case now.Before(j.created.Add(2 * third)):
		return "QUEUED"
	}
	return "IN PROGRESS"
}

// startJob takes a job in and sees to it that it is finished when it is due.
// The work is done by whoever looks first: a call, [Server.Advance], or a timer.
func (s *Server) startJob(a *apiCall, j *bulkJob) {
	j.id, j.created, j.by = a.book().NewID(), a.now, a.user.asOwner()
	j.due = a.now.Add(s.bulkTime)
	a.org.jobs.add(j)
	s.notices.later(s.bulkTime, func() { s.finishJobs(a.org, s.Now()) })
}

// finishJobs does the work of the organisation's jobs that are due and sends
// their callbacks.
func (s *Server) finishJobs(o *org, now time.Time) {
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	for _, j := range o.jobs.jobs {
		if j.finished || now.Before(j.due) {
			continue
		}
		j.finished = true
		if j.write != nil {
			j.write.run(s, o, j)
		}
		if j.callback != nil {
			body, _ := json.Marshal(j.report()) // maps of texts and numbers
			s.notices.post(j.callback.URL, body)
		}
	}
}

// report is what a callback says. Zoho does not document the body; this is the
// job's ID, operation and state, with its result for a read.
func (j *bulkJob) report() map[string]any {
	operation := "read"
	if j.write != nil {
		operation = j.write.Operation
	}
	out := map[string]any{"job_id": j.id, "operation": operation, "state": "COMPLETED"}
	if j.read != nil {
		out["result"] = j.read.result(j)
		out["query"] = j.read.request
	}
	return out
}

// check refuses a callback that cannot be posted to.
func (c *callback) check() *problem {
	if c == nil {
		return nil
	}
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopbackHost(u.Hostname())):
		return newProblem(http.StatusBadRequest, "INVALID_CALLBACK_URL", "the callback url is invalid")
	case c.Method != "post":
		return newProblem(http.StatusBadRequest, "INVALID_CALLBACK_METHOD", "the callback method is invalid").
			with("supported_callback_methods", []string{"post"})
	}
	return nil
}

// routeBulk serves /crm/bulk/v8/.
func (s *Server) routeBulk(a *apiCall) {
	s.finishJobs(a.org, a.now)
	kind, rest := a.rest[0], a.rest[1:]
	switch {
	case kind != "read" && kind != "write" || len(rest) > 2 || len(rest) == 2 && (rest[1] != "result" || kind != "read"):
		invalidURL().write(a.w)
	case len(rest) == 0 && a.method(http.MethodPost):
		if kind == "read" && a.may("ZohoCRM.bulk.READ") {
			s.createRead(a)
		} else if kind == "write" && a.may("ZohoCRM.bulk.CREATE") {
			s.createWrite(a)
		}
	case len(rest) > 0 && a.get() && a.may("ZohoCRM.bulk."+map[string]string{"read": "READ", "write": "CREATE"}[kind]):
		j := a.org.jobs.find(rest[0])
		switch {
		case j == nil || (j.read != nil) != (kind == "read"):
			noResource(rest[0], kind).write(a.w)
		case kind == "write":
			j.writeStatus(a)
		case len(rest) == 2:
			s.downloadRead(a, j)
		default:
			j.readStatus(a)
		}
	}
}

// noResource is the answer for a job that does not exist.
func noResource(id, kind string) *problem {
	status := http.StatusNotFound
	if kind == "write" {
		status = http.StatusBadRequest
	}
	return newProblem(status, "RESOURCE_NOT_FOUND", "The requested resource doesn't exist.").with("resource", id)
}

// mayDownload counts the download of a result: ten a minute (Zoho: forum,
// Kaizen 195).
func (s *Server) mayDownload(a *apiCall) bool {
	a.org.jobs.mu.Lock()
	ok := a.org.jobs.downloads.take(a.now, s.limits.Downloads)
	a.org.jobs.mu.Unlock()
	if !ok {
		s.numbers.tooMany.Add(1)
		tooMany().write(a.w)
	}
	return ok
}
