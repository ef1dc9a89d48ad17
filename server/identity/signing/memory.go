package signing

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Memory is a Store that forgets at the end of the process. The zero value is empty and ready.
type Memory struct {
	mu   sync.Mutex
	keys map[string]Key
}

// SigningKeys implements Store.
func (m *Memory) SigningKeys(context.Context) ([]Key, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.keys)), nil
}

// AddSigningKey implements Store.
func (m *Memory) AddSigningKey(_ context.Context, k Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keys == nil {
		m.keys = make(map[string]Key)
	}
	m.keys[k.ID] = k
	return nil
}

// DeleteSigningKey implements Store.
func (m *Memory) DeleteSigningKey(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.keys, id)
	return nil
}
