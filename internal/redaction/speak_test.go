package redaction

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// mute checks that a value tells no secret in any of the ways in which Go makes it
// speak.
func mute(t *testing.T, f finder, name string, v any) {
	t.Helper()
	muteIn(t, f, name, everything(v, !isRow(v)))
}

// muteAtWork is mute for what other goroutines are changing, which fmt would read
// without a lock if it were let to.
func muteAtWork(t *testing.T, f finder, name string, v any) {
	t.Helper()
	muteIn(t, f, name, everything(v, false))
}

func muteIn(t *testing.T, f finder, name string, said map[string]string) {
	t.Helper()
	for _, how := range slices.Sorted(maps.Keys(said)) {
		if found := f.in(said[how]); len(found) > 0 {
			t.Errorf("%s as %s shows %s", name, how, strings.Join(found, ", "))
			return // the others would fill pages
		}
	}
}

// everything is all that is said of a value, by the way in which it is said; with
// deep also where fmt looks into it without asking.
func everything(v any, deep bool) map[string]string {
	said := map[string]string{}
	hidden := struct{ inner any }{v}
	plain := isRow(v)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "% x", "%10.300s"} {
		said[verb] = fmt.Sprintf(verb, v)
		said[verb+" in a slice"] = fmt.Sprintf(verb, []any{v})
		said[verb+" in a map"] = fmt.Sprintf(verb, map[string]any{"k": v})
		if deep {
			said[verb+" in a field that fmt may not ask"] = fmt.Sprintf(verb, hidden)
		}
	}
	said["fmt.Errorf"] = fmt.Errorf("wrapped: %w", asError(v)).Error()
	said["errors.Join"] = errors.Join(errors.New("first"), asError(v)).Error()
	var b bytes.Buffer
	log.New(&b, "", log.Llongfile).Println("value", v)
	said["log"] = b.String()
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"slog JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		l := slog.New(handler(&b))
		l.Info("message", "value", v)
		l.With("value", v).WithGroup("group").Info("message", slog.Any("value", v))
		said[name] = b.String()
	}
	if !plain {
		if text, err := json.Marshal(v); err == nil {
			said["json.Marshal"] = string(text)
		} else {
			said["json.Marshal's error"] = err.Error()
		}
		if text, err := xml.Marshal(v); err == nil {
			said["xml.Marshal"] = string(text)
		} else {
			said["xml.Marshal's error"] = err.Error()
		}
	}
	return said
}

// isRow tells what tokens are written as: it marshals, and says in its comment where
// it cannot keep still.
func isRow(v any) bool {
	switch v.(type) {
	case oauth.Row, *oauth.Row:
		return true
	}
	return false
}

func asError(v any) error {
	if err, ok := v.(error); ok {
		return err
	}
	return fmt.Errorf("%v", v)
}

// muteError looks at an error and at all that it wraps, with the fields of each,
// since a caller may log any of them.
func muteError(t *testing.T, f finder, name string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	mute(t, f, fmt.Sprintf("%s: %T", name, err), err)
	if v := reflect.ValueOf(err); v.Kind() == reflect.Pointer && !v.IsNil() && v.Elem().Kind() == reflect.Struct {
		for i := range v.Elem().NumField() {
			if field := v.Elem().Field(i); field.CanInterface() {
				mute(t, f, fmt.Sprintf("%s: %T.%s", name, err, v.Elem().Type().Field(i).Name), field.Interface())
			}
		}
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		muteError(t, f, name, e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			muteError(t, f, name, inner)
		}
	}
}
