package identity_test

import (
	"testing"

	"hindsight/server/identity"
	"hindsight/server/identity/signing"
	"hindsight/server/identity/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) identity.Store { return &identity.Memory{} })
}

func TestKeysInMemory(t *testing.T) { storetest.RunKeys(t, &signing.Memory{}) }
