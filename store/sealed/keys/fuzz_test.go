package keys

import (
	"testing"
	"time"
)

// FuzzDocument reads texts as documents: none makes it panic, and what is read is
// written and read again as the same.
func FuzzDocument(f *testing.F) {
	key, err := freshKey(nil, time.Now())
	if err != nil {
		f.Fatal(err)
	}
	ring, err := newRing([]*Key{key}, key.id, true)
	if err != nil {
		f.Fatal(err)
	}
	good, err := marshal(ring, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	for _, text := range []string{"", "{}", "null", "[]", `{"format":"zcrm-keys-1"}`, `{"format":"zcrm-keys-1","wrapped":"AAAA"}`,
		`{"format":"zcrm-keys-1","aes_siv":{},"aes_gcm":{}}`, `{"format":"zcrm-keys-1","aes_siv":{"primaryKeyId":1,"key":[]},"aes_gcm":null}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		ring, err := unmarshal(text, nil)
		if err != nil {
			return
		}
		written, err := marshal(ring, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := unmarshal(written, nil)
		if err != nil || again.String() != ring.String() || again.refusesPlain != ring.refusesPlain {
			t.Errorf("%v, %v is read again as %v", err, ring, again)
		}
	})
}
