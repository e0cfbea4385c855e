package sim

import (
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

	closing   sync.Once
	closed    chan struct{}
	tokenLife time.Duration
}

// New returns a simulator. It starts no goroutine and opens no port.
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
	}
	s.clock.base = cfg.now()
	s.ledger = ledger.New(s.limits.rules(s.tokenLife))
	for _, p := range s.people.users {
		if s.orgs[p.ZGID] == nil {
			s.orgs[p.ZGID] = newOrg(len(s.orgs)+1, s.people.members(p.ZGID), s.limits, cfg.records(), s.Now())
		}
	}
	return s
}

// Close ends all hanging and delayed requests. Requests that come later are
// still answered; a fault that would hang drops the connection at once. Call it
// before closing the HTTP server, which waits for its requests. It never fails.
func (s *Server) Close() error {
	s.closing.Do(func() { close(s.closed) })
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
//	     /crm/v8/...              users, org, settings, records
//
// and these of its own, for loopback callers only, by GET or POST:
//
//	/sim/grant?user=&scope=&client_id=&redirect_uri=&life=   {"code":"..."}; access_type=online: no refresh token
//	/sim/clock?advance=1h                                    {"now":"...","offset_ms":3600000}
//	/sim/counters                                            the [Counters]
//	/sim/fault?kind=&match=&count=&delay=&status=&to=        queues a [Fault]; kind=clear removes all
//	/sim/revoke?user=                                        {"revoked":1}
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := s.Now()
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	w.Header().Set("Server", "ZGS")
	location, path := s.people.split(r.URL.Path)
	c := &call{w: w, r: r, now: now, location: location, path: path}
	s.log.Debug("sim request", "method", r.Method, "location", location, "path", path)
	s.route(c)
}
