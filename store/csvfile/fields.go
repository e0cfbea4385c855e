package csvfile

import "strings"

// fields cuts one line, without its line feed, into its fields. It reads what
// the SDKs write: RFC 4180 quotes (Python, Java, Ruby) and quotes that mean
// nothing (Node, PHP and C# write values as they are, so a quote may stand
// anywhere). A field is taken as quoted only if a closing quote ends it.
//
// A CR at the end of a field goes: Python ends lines with CR LF, Node keeps that
// CR in its last column and, when it adds a column, behind it.
//
// bare reports a quote that means nothing.
func fields(line string) (values []string, bare bool) {
	values, bare = cut(line)
	if len(values) < ruby2 && strings.Contains(line, `"`) {
		// Two quotes that mean nothing look like a pair, and swallow what is
		// between them.
		if plain := strings.Split(line, ","); len(plain) == current {
			for i := range plain {
				plain[i] = strings.TrimRight(plain[i], "\r")
			}
			return plain, true
		}
	}
	return values, bare
}

// missing is what the Scala SDK writes for a value that it does not have. A value
// that is this very word is written in quotes, which keep it.
const missing = "null"

func cut(line string) (values []string, bare bool) {
	values = make([]string, 0, current)
	for rest, more := line, true; more; {
		var value string
		if v, after, ok := quoted(rest); ok {
			value, rest, more = v, strings.TrimPrefix(after, ","), strings.HasPrefix(after, ",")
		} else {
			value, rest, more = strings.Cut(rest, ",")
			bare = bare || strings.Contains(value, `"`)
			if strings.TrimRight(value, "\r") == missing {
				value = ""
			}
		}
		values = append(values, strings.TrimRight(value, "\r"))
	}
	return values, bare
}

// quoted reads a quoted field at the start of text. after is what follows the
// closing quote: nothing, or a comma and the rest of the line.
func quoted(text string) (value, after string, ok bool) {
	if !strings.HasPrefix(text, `"`) {
		return "", "", false
	}
	for end := 1; ; end += 2 {
		i := strings.IndexByte(text[end:], '"')
		if i < 0 {
			return "", "", false
		}
		end += i
		after = text[end+1:]
		if !strings.HasPrefix(after, `"`) {
			value = strings.ReplaceAll(text[1:end], `""`, `"`)
			break
		}
	}
	after = strings.TrimLeft(after, "\r") // Node puts a comma behind the CR of a quoted last column
	return value, after, after == "" || after[0] == ','
}

// writeLine appends the values to b as one line of the golden form: quotes only
// where RFC 4180 needs them, or the word null, one line feed. It writes width fields, the missing
// ones empty.
func writeLine(b []byte, values []string, width int) []byte {
	for i := range max(width, len(values)) {
		if i > 0 {
			b = append(b, ',')
		}
		if i >= len(values) {
			continue
		}
		if v := values[i]; v == missing || strings.ContainsAny(v, "\",\r\n") {
			b = append(b, '"')
			b = append(b, strings.ReplaceAll(v, `"`, `""`)...)
			b = append(b, '"')
		} else {
			b = append(b, v...)
		}
	}
	return append(b, '\n')
}
