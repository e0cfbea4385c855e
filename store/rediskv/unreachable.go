package rediskv

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
)

// whereToLook is what to do about a server that cannot be reached, by how the try
// ended.
func (s *Store) whereToLook(err error) string {
	var certificate *tls.CertificateVerificationError
	var notTLS tls.RecordHeaderError
	var place *net.OpError
	way, known := lineOf(s.client)
	switch {
	case errors.As(err, &certificate):
		return "see that the certificate's authority is known here (ca=FILE in a store URL), and that the host is named as in the certificate"
	case errors.As(err, &place) && place.Op == "dial":
		return "see that it runs, and that the address is right"
	// A Redis without TLS takes what it is sent for the beginning of a line, and
	// waits for more.
	case known && way.tls && (errors.Is(err, context.DeadlineExceeded) || errors.As(err, &notTLS) || errors.Is(err, io.EOF)):
		return "see that this port speaks TLS; for one without it the URL begins with redis://"
	case known && !way.tls && errors.Is(err, io.EOF):
		return "see that it runs; for a port that speaks TLS the URL begins with rediss://"
	}
	return "see that it runs, and that it is a Redis server"
}
