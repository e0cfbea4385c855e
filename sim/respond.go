package sim

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// writeJSON answers with a JSON body, with the content type seen at Zoho. A
// body that cannot be marshalled is a bug in this package.
func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic("sim: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(text)
}

// writeRows answers with a list of records that are JSON already, and its info.
func writeRows(w http.ResponseWriter, rows []byte, info map[string]any) {
	end, err := json.Marshal(info)
	if err != nil {
		panic("sim: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(len(`{"data":[],"info":}`)+len(rows)+len(end)))
	w.WriteHeader(http.StatusOK)
	io.WriteString(w, `{"data":[`)
	w.Write(rows)
	io.WriteString(w, `],"info":`)
	w.Write(append(end, '}'))
}

// writeText answers with a line of plain text.
func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(text + "\n"))
}

// loopbackHost reports whether a host name or address means this machine.
func loopbackHost(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
