package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"zohocrm/internal/csvrow"
)

// hostile has what a stranger could put into a record: a title, a cursor's move in
// C1, DEL, a direction that turns the text, as escapes and as they are.
const hostile = "{\"Na\u009bme\":\"a\\u001b]0;x\\u0007b\u009b2Jc\u007fd\u202ee\u2066f\\ng\",\"n\":\"日本 ü\"}"

// No format writes a command to a terminal, and JSON still says the same.
func TestFormatsOnATerminal(t *testing.T) {
	record := recordsOf(t, hostile)[0]
	var out bytes.Buffer
	text := bufio.NewWriter(&out)
	for _, w := range []rowWriter{
		&jsonWriter{out: text, array: true, shown: true}, &jsonWriter{out: text, shown: true}, &csvWriter{csv: csvrow.NewWriter(&out), shown: true},
	} {
		out.Reset()
		if err := w.write(record); err != nil {
			t.Fatal(err)
		}
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
		got := out.String()
		if i := strings.IndexFunc(got, func(r rune) bool { return commandsTerminal(r) && r != '\n' }); i >= 0 {
			t.Errorf("%T commands the terminal at byte %d: %q", w, i, got)
		}
		if !strings.Contains(got, "日本 ü") {
			t.Errorf("%T changes text: %q", w, got)
		}
		if j, isJSON := w.(*jsonWriter); isJSON && !j.array {
			var before, after any
			if json.Unmarshal([]byte(hostile), &before) != nil || json.Unmarshal(out.Bytes(), &after) != nil || !reflect.DeepEqual(before, after) {
				t.Errorf("the JSON says something else: %q", got)
			}
		}
		if _, isCSV := w.(*csvWriter); isCSV && strings.Count(got, "\n") != 2 {
			t.Errorf("a cell of CSV goes over lines: %q", got)
		}
	}
	// Bytes that are no UTF-8 are C1 to some terminals.
	if got := string(jsonForTerminal([]byte("{\"a\":\"\x9b2J\"}"))); got != `{"a":"\ufffd2J"}` {
		t.Errorf("a bare byte: %q", got)
	}
	// Pipes and files have it all.
	if got := printed(t, formatNDJSON, nil, 0, recordsOf(t, hostile)); got != hostile+"\n" {
		t.Errorf("into a pipe: %q", got)
	}
}
