package crm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// setterOf is how a JSON value that is not null gets into a field of a type.
func setterOf(t reflect.Type) func(reflect.Value, []byte) error {
	switch t {
	case reflect.TypeFor[Record]():
		return setRecord
	case reflect.TypeFor[json.RawMessage]():
		return func(v reflect.Value, raw []byte) error { v.SetBytes(bytes.Clone(raw)); return nil }
	case reflect.TypeFor[time.Time]():
		return setTimeValue
	case reflect.TypeFor[DateTime]():
		return func(v reflect.Value, raw []byte) error { return setTimeValue(v.Field(0), raw) }
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return decodeAny
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := setterOf(t.Elem())
		return func(v reflect.Value, raw []byte) error {
			v.Set(reflect.New(t.Elem()))
			return inner(v.Elem(), raw)
		}
	case reflect.String:
		return setString
	case reflect.Bool:
		return setBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return setInt
	case reflect.Float32, reflect.Float64:
		return setFloat
	}
	return decodeAny
}

func setRecord(v reflect.Value, raw []byte) error {
	if raw[0] != '{' {
		return unfit(v, raw)
	}
	*v.Addr().Interface().(*Record) = Record{bytes.Clone(raw)} // known to be well formed
	return nil
}

func unfit(v reflect.Value, raw []byte) error {
	kinds := map[byte]string{'{': "an object", '[': "a list", '"': "text", 't': "true", 'f': "false"}
	kind, ok := kinds[raw[0]]
	if !ok {
		kind = "a number"
	}
	return fmt.Errorf("%s does not fit into %s", kind, v.Type())
}

func setString(v reflect.Value, raw []byte) error {
	if raw[0] == '{' || raw[0] == '[' {
		return unfit(v, raw)
	}
	v.SetString(textOf(raw))
	return nil
}

func setBool(v reflect.Value, raw []byte) error {
	if raw[0] != 't' && raw[0] != 'f' {
		return unfit(v, raw)
	}
	v.SetBool(raw[0] == 't')
	return nil
}

func setInt(v reflect.Value, raw []byte) error {
	n, err := strconv.ParseInt(textOf(raw), 10, v.Type().Bits())
	if err != nil {
		return unfit(v, raw)
	}
	v.SetInt(n)
	return nil
}

func setFloat(v reflect.Value, raw []byte) error {
	n, ok := floatOf(textOf(raw), v.Type().Bits())
	if !ok {
		return unfit(v, raw)
	}
	v.SetFloat(n)
	return nil
}

func setTimeValue(v reflect.Value, raw []byte) error {
	text := textOf(raw)
	t, ok := timeOf(text)
	if !ok && text != "" {
		return unfit(v, raw)
	}
	v.Set(reflect.ValueOf(t))
	return nil
}
