package contract

import "regexp"

// mend corrects a file that cannot be read as it is.
type mend struct {
	area    string
	pattern string
	with    string
	why     string
}

func mends() []mend {
	return []mend{
		{"notes", `"\$ref"\s*:\s*"[^"]*If-Modified-Since"`, `"name":"If-Modified-Since","in":"header","schema":{"type":"string"}`,
			"it refers to a header that no file describes"},
	}
}

// mendZoho corrects what keeps one of Zoho's files from being read.
func mendZoho(area string, text []byte) []byte {
	for _, m := range mends() {
		if m.area == area {
			text = regexp.MustCompile(m.pattern).ReplaceAll(text, []byte(m.with))
		}
	}
	return text
}
