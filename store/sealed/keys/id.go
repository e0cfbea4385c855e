package keys

import (
	"encoding/binary"
	"errors"
	"strconv"
)

// ID is a key's number, as Tink's tools print it. It is no secret.
type ID uint32

// ParseID reads what String printed.
func ParseID(text string) (ID, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == 0 {
		return 0, errors.New("this is not the ID of a key, which is a number as `zcrm keys list` shows it")
	}
	return ID(n), nil
}

// String is the number in decimal.
func (id ID) String() string { return strconv.FormatUint(uint64(id), 10) }

// prefixSize is the length of Tink's output prefix: a 1 and the key's ID.
// https://developers.google.com/tink/wire-format
const prefixSize = 5

// IDOf tells which key made a ciphertext. It answers false for what no key of
// this package made.
func IDOf(ciphertext []byte) (ID, bool) {
	if len(ciphertext) < prefixSize || ciphertext[0] != 1 {
		return 0, false
	}
	return ID(binary.BigEndian.Uint32(ciphertext[1:])), true
}
