package sim

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// directory is who and what the simulator knows: clients, users, organisations
// and data centres. It is built once and never changed.
type directory struct {
	clients   []Client
	users     []*person
	locations []string
}

// person is a User with its blanks filled in.
type person struct {
	User
	id string // the user's record ID in the CRM
}

func newDirectory(clients []Client, users []User) directory {
	d := directory{clients: slices.Clone(clients), locations: zohoLocations()}
	for _, c := range clients {
		d.addLocations(c.Locations...)
	}
	for i, u := range users {
		p := &person{User: u, id: recordID(userSpace, i+1)}
		name, _, _ := strings.Cut(u.Email, "@")
		if p.FirstName == "" && name != "" {
			p.FirstName = strings.ToUpper(name[:1]) + name[1:]
		}
		if p.LastName == "" {
			p.LastName = "Example"
		}
		if p.ZUID == "" {
			p.ZUID = strconv.Itoa(700_000_001 + i)
		}
		if p.ZGID == "" {
			p.ZGID = strconv.Itoa(30_001 + i)
		}
		if p.Location == "" {
			p.Location = "us"
		}
		if p.Edition == "" {
			p.Edition = "Enterprise"
		}
		d.addLocations(p.Location)
		d.users = append(d.users, p)
	}
	return d
}

// zohoLocations are the data centres of Zoho's multi-dc page.
func zohoLocations() []string {
	return []string{"us", "eu", "in", "au", "cn", "jp", "ca", "sa", "uk", "ae", "sg"}
}

func (d *directory) addLocations(names ...string) {
	for _, n := range names {
		if !slices.Contains(d.locations, n) {
			d.locations = append(d.locations, n)
		}
	}
}

// client finds a client that is known at a data centre.
func (d *directory) client(id, location string) (Client, bool) {
	for _, c := range d.clients {
		if c.ID == id && (c.Locations == nil || slices.Contains(c.Locations, location)) {
			return c, true
		}
	}
	return Client{}, false
}

// anyClient finds a client wherever it is registered; "" finds the first.
func (d *directory) anyClient(id string) (Client, bool) {
	for _, c := range d.clients {
		if c.ID == id || id == "" {
			return c, true
		}
	}
	return Client{}, false
}

// user finds a user by email, or by the part before the @ if that fits only one.
func (d *directory) user(name string) (*person, error) {
	var short []*person
	for _, p := range d.users {
		if p.Email == name {
			return p, nil
		}
		if before, _, _ := strings.Cut(p.Email, "@"); before == name {
			short = append(short, p)
		}
	}
	switch len(short) {
	case 0:
		return nil, fmt.Errorf("sim: no user %q; known: %s", name, d.emails())
	case 1:
		return short[0], nil
	}
	return nil, fmt.Errorf("sim: %q fits several users; give the whole email", name)
}

func (d *directory) emails() string {
	var all []string
	for _, p := range d.users {
		all = append(all, p.Email)
	}
	return strings.Join(all, ", ")
}

// members are the users of one organisation, first one first.
func (d *directory) members(zgid string) []*person {
	var out []*person
	for _, p := range d.users {
		if p.ZGID == zgid {
			out = append(out, p)
		}
	}
	return out
}

// secret is what the client must show at a data centre (Zoho, multi-dc page:
// each data centre has its own unless the same is chosen for all).
func (c Client) secret(location string) string {
	if s, ok := c.Secrets[location]; ok {
		return s
	}
	return c.Secret
}

// allowsRedirect reports whether the client registered this redirect URL.
func (c Client) allowsRedirect(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Fragment != "" {
		return false
	}
	if c.RedirectURLs != nil {
		return slices.Contains(c.RedirectURLs, raw)
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopbackHost(u.Hostname())
}
