package rediskv

import (
	"crypto/tls"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// line is the way to a server.
type line struct {
	host     string
	local    bool // it does not leave this machine
	tls      bool
	verified bool
	user     string // "": the server's default user, or not known
	database int
}

// lineOf tells the way that a client takes; it cannot be told of somebody's own.
func lineOf(client redis.UniversalClient) (line, bool) {
	switch c := client.(type) {
	case *redis.Client:
		o := c.Options()
		l := newLine([]string{o.Addr}, o.Network == "unix", o.TLSConfig)
		l.database = o.DB
		if o.Password != "" { // else the client does not name the user
			l.user = o.Username
		}
		return l, true
	case *redis.ClusterClient:
		o := c.Options()
		return newLine(o.Addrs, false, o.TLSConfig), true
	}
	return line{}, false
}

func newLine(addrs []string, unix bool, config *tls.Config) line {
	l := line{local: true, tls: config != nil, verified: config != nil && !config.InsecureSkipVerify}
	for _, addr := range addrs {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			host = addr
		}
		ip := net.ParseIP(host)
		if !unix && !strings.EqualFold(host, "localhost") && (ip == nil || !ip.IsLoopback()) {
			l.local, l.host = false, host
		}
	}
	return l
}
