package sim

import (
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"zohocrm/sim/internal/ledger"
)

// Server is the simulator. It is an [http.Handler] and safe for concurrent use.
type Server struct {
	clock   clock
	log     *slog.Logger
	limits  Limits
	people  directory
	ledger  *ledger.Ledger
	orgs    map[string]*org // by ZGID; the map is never changed
	pages   pages
	signer  signer
	faults  faultQueue
	numbers numbers
	notices *notices
	devices devices

	closing   sync.Once
	closed    chan struct{}
	tokenLife time.Duration
	bulkTime  time.Duration
}

// New returns a simulator. It opens no port and starts no goroutine; one starts
// with the first notification or bulk job, and ends with Close.
func New(cfg Config) *Server {
	s := &Server{
		log:       cfg.logger(),
		limits:    cfg.limits(),
		people:    newDirectory(cfg.clients(), cfg.users()),
		orgs:      make(map[string]*org),
		pages:     newPages(),
		signer:    newSigner(),
		closed:    make(chan struct{}),
		tokenLife: cfg.tokenLife(),
		bulkTime:  cfg.bulkTime(),
	}
	s.notices = newNotices(s.log, &s.numbers)
	s.clock.base = cfg.now()
	s.ledger = ledger.New(s.limits.rules(s.tokenLife))
	for _, p := range s.people.users {
		if s.orgs[p.ZGID] == nil {
			s.orgs[p.ZGID] = newOrg(len(s.orgs)+1, s.people.members(p.ZGID), s.limits, cfg.records(), s.Now)
		}
	}
	return s
}

// Close ends all hanging and delayed requests and what is posted to notify and
// callback addresses, and waits for the latter. Requests that come later are
// still answered; a fault that would hang drops the connection at once. Call it
// before closing the HTTP server, which waits for its requests. It never fails.
func (s *Server) Close() error {
	s.closing.Do(func() { close(s.closed) })
	s.notices.close()
	return nil
}

// ServeHTTP answers Zoho's paths, each of them also under the prefix of a data
// centre ("/eu/oauth/v2/token"):
//
//	GET  /oauth/v2/auth           the consent page; &auto=USER consents without a click, &auto=deny refuses
//	POST /oauth/v2/token          grants authorization_code, refresh_token, client_credentials
//	POST /oauth/v2/token/revoke   ?token=
//	POST /oauth/v2/revoke/token   token=, token_type=, with Basic client authentication
//	GET  /oauth/user/info         who the access token speaks for
//	GET  /oauth/serverinfo        the data centres
//	POST /oauth/v3/device/code    starts the device flow; the user answers at GET /oauth/v3/device
//	POST /oauth/v3/device/token   the device's poll
//	     /crm/v8/...              records and what hangs on them, search, COQL, composite, files,
//	                              tags, users, org, settings, notifications, upload
//	     /crm/bulk/v8/...         bulk read and write
//
// An organisation that is not in production answers under the further prefix
// /sandbox or /developer. Of its own, for loopback callers only, by GET or POST,
// the simulator has:
//
//	/sim/grant?user=&scope=&client_id=&redirect_uri=&life=   {"code":"..."}; access_type=online: no refresh token
//	/sim/clock?advance=1h                                    {"now":"...","offset_ms":3600000}; without advance it only tells
//	/sim/seed?user=&module=Leads&count=100000                {"module":"Leads","added":100000,"records":100025}
//	/sim/device?user_code=&user=                             consents to a device; user=deny refuses
//	/sim/counters                                            the [Counters]
//	/sim/fault?kind=&match=&count=&delay=&status=&to=        queues a [Fault]; kind=clear removes all
//	/sim/revoke?user=                                        {"revoked":1}
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := s.Now()
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	w.Header().Set("Server", "ZGS")
	location, path := s.people.split(r.URL.Path)
	environment, path := environmentOf(path)
	c := &call{w: w, r: r, now: now, location: location, path: path, environment: environment}
	s.log.Debug("sim request", "method", r.Method, "location", location, "path", path)
	s.route(c)
}

// Seed adds made-up records to a module of a user's organisation, which has a
// million at most. It returns how many it added and how many there are then.
// user "": the first user.
func (s *Server) Seed(user, module string, count int) (added, total int, err error) {
	p := s.people.users[0]
	if user != "" {
		if p, err = s.people.user(user); err != nil {
			return 0, 0, err
		}
	}
	book := s.orgs[p.ZGID].book()
	if !book.Has(module) {
		return 0, 0, fmt.Errorf("sim: no module %q", module)
	}
	added, total = book.SeedMore(module, count, s.Now())
	return added, total, nil
}
