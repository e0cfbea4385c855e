package keys

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/daead/aessiv"
	"github.com/tink-crypto/tink-go/v2/secretdata"
)

// Sizes in bytes: AES-SIV with two keys of 256 bits, AES-256-GCM with the nonce and
// the tag of NIST SP 800-38D.
const (
	sivSize = 64
	gcmSize = 32
	ivSize  = 12
	tagSize = 16
)

func sivParameters() (*aessiv.Parameters, error) {
	return aessiv.NewParameters(sivSize, aessiv.VariantTink)
}

func gcmParameters() (*aesgcm.Parameters, error) {
	return aesgcm.NewParameters(aesgcm.ParametersOpts{
		KeySizeInBytes: gcmSize, IVSizeInBytes: ivSize, TagSizeInBytes: tagSize, Variant: aesgcm.VariantTink,
	})
}

// freshKey makes a key whose ID none of the others has.
func freshKey(others []*Key, now time.Time) (*Key, error) {
	id := freshID(others)
	siv, err := sivParameters()
	if err != nil {
		return nil, err
	}
	gcm, err := gcmParameters()
	if err != nil {
		return nil, err
	}
	sivBytes, err := secretdata.NewBytesFromRand(sivSize)
	if err != nil {
		return nil, err
	}
	gcmBytes, err := secretdata.NewBytesFromRand(gcmSize)
	if err != nil {
		return nil, err
	}
	var h halves
	if h.siv, err = aessiv.NewKey(sivBytes, uint32(id), siv); err != nil {
		return nil, err
	}
	if h.gcm, err = aesgcm.NewKey(gcmBytes, uint32(id), gcm); err != nil {
		return nil, err
	}
	return newKey(h, now.UTC().Truncate(time.Second), time.Time{})
}

func freshID(others []*Key) ID {
	for {
		var b [4]byte
		rand.Read(b[:]) // never fails: it ends the program if it must
		id := ID(binary.BigEndian.Uint32(b[:]))
		taken := id == 0
		for _, k := range others {
			taken = taken || k.id == id
		}
		if !taken {
			return id
		}
	}
}
