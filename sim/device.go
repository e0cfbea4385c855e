package sim

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"zohocrm/sim/internal/ledger"
)

// maxDevices bounds the devices that wait for their users.
const maxDevices = 10_000

// device is a device that waits for its user.
type device struct {
	code     string // of the device
	userCode string
	client   Client
	scope    string
	offline  bool
	forced   bool // prompt=consent
	expiry   time.Time
	denied   bool
	user     *person              // who has consented; nil: nobody yet
	polls    map[string]time.Time // last poll, by data centre
}

// devices are all devices that wait. The zero value has none.
type devices struct {
	mu   sync.Mutex
	list []*device
}

func (d *devices) add(now time.Time, one *device) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.list) >= maxDevices {
		d.list = slices.DeleteFunc(d.list, func(x *device) bool { return !now.Before(x.expiry) })
	}
	if len(d.list) >= maxDevices {
		d.list = slices.Delete(d.list, 0, 1)
	}
	d.list = append(d.list, one)
}

// change finds a device and lets f look at it and change it.
func (d *devices) change(want func(*device) bool, f func(*device)) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.list, want)
	if i >= 0 {
		f(d.list[i])
	}
	return i >= 0
}

func (d *devices) drop(code string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.list = slices.DeleteFunc(d.list, func(x *device) bool { return x.code == code })
}

// deviceCode is POST /oauth/v3/device/code: a device asks for codes (Zoho:
// initiation-request page). It may be asked at any data centre that knows the
// client.
func (s *Server) deviceCode(c *call) {
	p, err := readParams(c.w, c.r)
	if err != nil || c.r.Method != http.MethodPost || p["grant_type"] != "device_request" {
		writeText(c.w, bodyStatus(err), "Bad Request")
		return
	}
	client, ok := s.people.client(p["client_id"], c.location)
	switch {
	case !ok:
		s.tokenError(c, "invalid_client")
		return
	case !validScope(p["scope"]):
		s.tokenError(c, "invalid_scope")
		return
	}
	life := s.limits.DeviceLife
	if life <= 0 {
		life = time.Hour
	}
	d := &device{
		code: "1004." + fileID()[:32] + "." + fileID()[:32], userCode: userCode(), client: client, scope: p["scope"],
		offline: p["access_type"] == "offline", forced: p["prompt"] == "consent", expiry: c.now.Add(life), polls: map[string]time.Time{},
	}
	s.devices.add(c.now, d)
	interval, expires := s.limits.DevicePoll.Milliseconds(), life.Milliseconds()
	if s.limits.DeviceSeconds {
		interval, expires = interval/1000, expires/1000
	}
	page := c.base(c.location) + "/oauth/v3/device"
	writeJSON(c.w, http.StatusOK, map[string]any{
		"user_code": d.userCode, "device_code": d.code, "interval": interval, "expires_in": expires,
		"verification_url": page, "verification_uri_complete": page + "?code=" + d.userCode,
	})
}

// userCode makes a code that a person can type: no letters that look alike.
func userCode() string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	var b [8]byte
	rand.Read(b[:])
	out := make([]byte, 0, 9)
	for i, n := range b {
		if i == 4 {
			out = append(out, '-')
		}
		out = append(out, letters[int(n)%len(letters)])
	}
	return string(out)
}

// deviceToken is POST /oauth/v3/device/token: the device polls (Zoho:
// polling-request page). Once the user has consented only the data centre where
// the user lives has the tokens; others answer other_dc.
func (s *Server) deviceToken(c *call) {
	p, err := readParams(c.w, c.r)
	if err != nil || c.r.Method != http.MethodPost || p["grant_type"] != "device_token" {
		writeText(c.w, bodyStatus(err), "Bad Request")
		return
	}
	s.numbers.tokenRequests.Add(1)
	client, ok := s.authenticate(c, p)
	if !ok {
		return
	}
	answer, d := "", device{}
	found := s.devices.change(func(x *device) bool { return x.code == p["code"] && x.client.ID == client.ID }, func(x *device) {
		last, polled := x.polls[c.location]
		x.polls[c.location] = c.now
		switch {
		case x.denied:
			answer = "access_denied"
		case !c.now.Before(x.expiry):
			answer = "expired"
		case polled && c.now.Sub(last) < s.limits.DevicePoll:
			answer = "slow_down"
		case x.user == nil:
			answer = "authorization_pending"
		case x.user.Location != c.location:
			answer = "other_dc"
		}
		d = *x
	})
	switch {
	case !found:
		s.tokenError(c, "invalid_code")
	case answer == "other_dc":
		s.numbers.tokenErrors.Add(1)
		writeJSON(c.w, s.limits.errorStatus(), map[string]string{"error": answer, "user_location": d.user.Location})
	case answer != "":
		s.tokenError(c, answer)
	default:
		s.answerDevice(c, d)
	}
}

// answerDevice turns a consent into tokens, by way of a code that nobody sees.
func (s *Server) answerDevice(c *call, d device) {
	owner := ledger.Owner{User: d.user.Email, Client: d.client.ID, Location: c.location}
	code, err := s.ledger.IssueCode(c.now, ledger.Code{Owner: owner, Scope: d.scope, Offline: d.offline, Forced: d.forced})
	var issued ledger.Issued
	if err == nil {
		issued, err = s.ledger.Exchange(c.now, ledger.Exchange{Code: code, Client: d.client.ID, Location: c.location})
	}
	if err != nil {
		s.refuse(c, err)
		return
	}
	s.devices.drop(d.code)
	s.numbers.exchanges.Add(1)
	s.answerToken(c, issued)
}

// AnswerDevice answers for the user whom a device asks to type userCode: user
// consents, "deny" refuses.
func (s *Server) AnswerDevice(userCode, user string) error {
	var who *person
	if user != "deny" {
		var err error
		if who, err = s.people.user(user); err != nil {
			return err
		}
	}
	late := false
	known := s.devices.change(func(d *device) bool { return d.userCode == userCode }, func(d *device) {
		late = !s.Now().Before(d.expiry)
		if !late {
			d.user, d.denied = who, who == nil
		}
	})
	switch {
	case !known:
		return fmt.Errorf("sim: no device waits for the code %q", userCode)
	case late:
		return errors.New("sim: the device's codes have expired")
	}
	return nil
}

// devicePage is where a person types the code that the device shows, and
// consents. Like the consent page it answers &auto=USER without a click.
func (s *Server) devicePage(c *call) {
	p, err := readParams(c.w, c.r)
	if err != nil {
		writeText(c.w, bodyStatus(err), "Bad Request")
		return
	}
	answer := p["auto"]
	if c.r.Method == http.MethodPost {
		answer = p["decision"]
	}
	code := p["code"]
	var waiting device
	switch known := s.devices.change(func(d *device) bool { return d.userCode == code }, func(d *device) { waiting = *d }); {
	case code == "":
		s.pages.askCode(c.w)
	case !known:
		s.pages.showError(c.w, "invalid_code")
	case answer == "":
		req := consentRequest{client: waiting.client, scope: waiting.scope, offline: waiting.offline}
		s.pages.showDevice(c.w, req, params{"code": code}, s.offered(c.location))
	default:
		if err := s.AnswerDevice(code, answer); err != nil {
			s.pages.showError(c.w, "unknown_user")
			return
		}
		s.pages.showAnswered(c.w)
	}
}

// names are the keys of parameters in order.
func (p params) names() []string { return slices.Sorted(maps.Keys(p)) }
