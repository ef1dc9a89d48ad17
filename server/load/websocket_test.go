package load

import (
	"bytes"
	"errors"
	"testing"
)

func TestMessagesAreReadOnceTheyAreWhole(t *testing.T) {
	long := bytes.Repeat([]byte{7}, 300)
	for _, tt := range []struct {
		name    string
		b       []byte
		op      byte
		payload []byte
		size    int
	}{
		{"nothing", nil, 0, nil, 0},
		{"half a header", []byte{0x82}, 0, nil, 0},
		{"half a length", []byte{0x82, 126, 1}, 0, nil, 0},
		{"half a payload", []byte{0x82, 3, 1, 2}, 0, nil, 0},
		{"empty", []byte{0x89, 0}, opPing, nil, 2},
		{"short, with another after it", []byte{0x82, 2, 1, 2, 0x82}, opBinary, []byte{1, 2}, 4},
		{"long", append([]byte{0x82, 126, 1, 44}, long...), opBinary, long, 304},
	} {
		op, payload, size, err := message(tt.b)
		if op != tt.op || !bytes.Equal(payload, tt.payload) || size != tt.size || err != nil {
			t.Errorf("%s: op %x, payload %x, size %d, %v", tt.name, op, payload, size, err)
		}
	}
	for name, b := range map[string][]byte{
		"a fragment": {0x02, 0}, "masked": {0x82, 0x80}, "too long": {0x82, 127},
	} {
		if _, _, _, err := message(b); !errors.Is(err, errFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMaskingIsUndoneByItself(t *testing.T) {
	for _, n := range []int{0, 1, 5, 125, 126, 1000} {
		payload := bytes.Repeat([]byte{3, 1, 4}, n)[:n]
		b := appendMasked(nil, opBinary, payload, 0xdeadbeef)
		head := len(b) - n
		got := append([]byte(nil), b[head:]...)
		for i := range got {
			got[i] ^= b[head-4+i&3]
		}
		if b[0] != 0x82 || b[1]&0x80 == 0 || !bytes.Equal(got, payload) {
			t.Errorf("%d bytes: %x", n, b)
		}
	}
}

// The example of RFC 6455, section 1.3.
func TestAccept(t *testing.T) {
	if got := accept("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Error(got)
	}
}
