package contract

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"zohocrm/crm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ran is the script's record, made once for all tests.
var ran = sync.OnceValues(func() (Record, error) { return Run(background()) })

func recorded(t *testing.T) Record {
	t.Helper()
	record, err := ran()
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// noCall are the exported methods of services that call nothing.
func noCall() []string { return []string{"Metadata.Forget"} }

// TestScriptIsWhole: no method of a service is missing in the script, and each
// sent something and succeeded.
func TestScriptIsWhole(t *testing.T) {
	record := recorded(t)
	services := 0
	for _, field := range reflect.VisibleFields(reflect.TypeFor[crm.Client]()) {
		if !field.IsExported() || !strings.HasSuffix(field.Type.String(), "Service") {
			continue
		}
		services++
		for i := range field.Type.NumMethod() {
			name := strings.TrimSuffix(field.Type.Elem().Name(), "Service") + "." + field.Type.Method(i).Name
			silent := strings.Contains(strings.Join(noCall(), " "), name)
			if record.Called[name] == silent {
				t.Errorf("%s: called %v, and calls nothing: %v", name, record.Called[name], silent)
			}
		}
	}
	if services < 15 || len(record.Exchanges) < 100 {
		t.Errorf("%d services, %d exchanges", services, len(record.Exchanges))
	}
}

func background() context.Context { return context.Background() }
