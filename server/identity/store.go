package identity

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"hindsight/server/identity/names"
)

// Store keeps players and how they sign in. All methods may be called at the same time. Errors are
// ErrNotFound and ErrTaken where it says so, or faults of the store.
type Store interface {
	// CreatePlayer adds a player. ErrTaken: another has a name of the same skeleton (names.Skeleton)
	// with this tag.
	CreatePlayer(ctx context.Context, p Player) error
	// Player returns a player, or the one that the id was merged into. ErrNotFound.
	Player(ctx context.Context, id uuid.UUID) (Player, error)
	// Rename gives a player another name and tag. ErrTaken, ErrNotFound.
	Rename(ctx context.Context, id uuid.UUID, name, skeleton string, tag int) error

	// AddDevice lets the device of a token with this hash speak for a player.
	AddDevice(ctx context.Context, hash string, player uuid.UUID, at time.Time) error
	// PlayerByDevice returns whom a device speaks for. ErrNotFound.
	PlayerByDevice(ctx context.Context, hash string) (Player, error)
	// RemoveDevice signs a device out. ErrNotFound.
	RemoveDevice(ctx context.Context, hash string) error
	// RemoveDevices signs all devices of a player out but the one of that hash; "" keeps none.
	RemoveDevices(ctx context.Context, player uuid.UUID, but string) error

	// AddCredential gives a player a login; a guest has an account from then on. ErrTaken: the login is
	// taken, or the player has one.
	AddCredential(ctx context.Context, c Credential) error
	// CredentialByLogin returns a login's credential. ErrNotFound.
	CredentialByLogin(ctx context.Context, login string) (Credential, error)
	// ChangeCredential sets another hash. ErrNotFound.
	ChangeCredential(ctx context.Context, login, hash string, at time.Time) error

	// AddIdentity lets somebody whom another site vouches for speak for a player; a guest has an account
	// from then on. ErrTaken.
	AddIdentity(ctx context.Context, issuer, subject string, player uuid.UUID, at time.Time) error
	// PlayerByIdentity returns whom such an identity speaks for. ErrNotFound.
	PlayerByIdentity(ctx context.Context, issuer, subject string) (Player, error)

	// MergeGuest makes a guest part of another player, history and devices included; the guest's id
	// becomes another name of the player's. Merging again does nothing. ErrNotFound.
	MergeGuest(ctx context.Context, guest, into uuid.UUID) error
}

// Memory is a Store that forgets at the end of the process. The zero value is empty and ready.
type Memory struct {
	mu          sync.Mutex
	players     map[uuid.UUID]Player
	merged      map[uuid.UUID]uuid.UUID
	devices     map[string]uuid.UUID
	credentials map[string]Credential
	identities  map[[2]string]uuid.UUID
}

// lock locks the store and makes what the zero value has not.
func (m *Memory) lock() (unlock func()) {
	m.mu.Lock()
	if m.players == nil {
		m.players, m.merged = map[uuid.UUID]Player{}, map[uuid.UUID]uuid.UUID{}
		m.devices, m.credentials = map[string]uuid.UUID{}, map[string]Credential{}
		m.identities = map[[2]string]uuid.UUID{}
	}
	return m.mu.Unlock
}

// player follows merged ids. The caller holds the lock.
func (m *Memory) player(id uuid.UUID) (Player, error) {
	if into, ok := m.merged[id]; ok {
		id = into
	}
	p, ok := m.players[id]
	if !ok {
		return Player{}, ErrNotFound
	}
	return p, nil
}

// taken reports that another player than id has the name with the tag. The caller holds the lock.
func (m *Memory) taken(id uuid.UUID, skeleton string, tag int) bool {
	for _, p := range m.players {
		if p.ID != id && p.Tag == tag && names.Skeleton(p.Name) == skeleton {
			return true
		}
	}
	return false
}

// CreatePlayer implements Store.
func (m *Memory) CreatePlayer(_ context.Context, p Player) error {
	defer m.lock()()
	if _, known := m.players[p.ID]; known || m.taken(p.ID, names.Skeleton(p.Name), p.Tag) {
		return ErrTaken
	}
	m.players[p.ID] = p
	return nil
}

// Player implements Store.
func (m *Memory) Player(_ context.Context, id uuid.UUID) (Player, error) {
	defer m.lock()()
	return m.player(id)
}

// Rename implements Store.
func (m *Memory) Rename(_ context.Context, id uuid.UUID, name, skeleton string, tag int) error {
	defer m.lock()()
	p, err := m.player(id)
	if err != nil {
		return err
	}
	if m.taken(p.ID, skeleton, tag) {
		return ErrTaken
	}
	p.Name, p.Tag = name, tag
	m.players[p.ID] = p
	return nil
}

// AddDevice implements Store.
func (m *Memory) AddDevice(_ context.Context, hash string, player uuid.UUID, _ time.Time) error {
	defer m.lock()()
	if _, known := m.devices[hash]; known {
		return ErrTaken
	}
	if _, ok := m.players[player]; !ok {
		return ErrNotFound
	}
	m.devices[hash] = player
	return nil
}

// PlayerByDevice implements Store.
func (m *Memory) PlayerByDevice(_ context.Context, hash string) (Player, error) {
	defer m.lock()()
	return m.player(m.devices[hash])
}

// RemoveDevice implements Store.
func (m *Memory) RemoveDevice(_ context.Context, hash string) error {
	defer m.lock()()
	if _, ok := m.devices[hash]; !ok {
		return ErrNotFound
	}
	delete(m.devices, hash)
	return nil
}

// RemoveDevices implements Store.
func (m *Memory) RemoveDevices(_ context.Context, player uuid.UUID, but string) error {
	defer m.lock()()
	for hash, id := range m.devices {
		if id == player && hash != but {
			delete(m.devices, hash)
		}
	}
	return nil
}

// AddCredential implements Store.
func (m *Memory) AddCredential(_ context.Context, c Credential) error {
	defer m.lock()()
	p, ok := m.players[c.Player]
	if !ok {
		return ErrNotFound
	}
	for login, other := range m.credentials {
		if login == c.Login || other.Player == c.Player {
			return ErrTaken
		}
	}
	m.credentials[c.Login] = c
	p.Guest = false
	m.players[p.ID] = p
	return nil
}

// CredentialByLogin implements Store.
func (m *Memory) CredentialByLogin(_ context.Context, login string) (Credential, error) {
	defer m.lock()()
	c, ok := m.credentials[login]
	if !ok {
		return Credential{}, ErrNotFound
	}
	return c, nil
}

// ChangeCredential implements Store.
func (m *Memory) ChangeCredential(_ context.Context, login, hash string, at time.Time) error {
	defer m.lock()()
	c, ok := m.credentials[login]
	if !ok {
		return ErrNotFound
	}
	c.Hash, c.Changed = hash, at
	m.credentials[login] = c
	return nil
}

// AddIdentity implements Store.
func (m *Memory) AddIdentity(_ context.Context, issuer, subject string, player uuid.UUID, _ time.Time) error {
	defer m.lock()()
	p, ok := m.players[player]
	if !ok {
		return ErrNotFound
	}
	key := [2]string{issuer, subject}
	if _, known := m.identities[key]; known {
		return ErrTaken
	}
	m.identities[key] = player
	p.Guest = false
	m.players[p.ID] = p
	return nil
}

// PlayerByIdentity implements Store.
func (m *Memory) PlayerByIdentity(_ context.Context, issuer, subject string) (Player, error) {
	defer m.lock()()
	return m.player(m.identities[[2]string{issuer, subject}])
}

// MergeGuest implements Store.
func (m *Memory) MergeGuest(_ context.Context, guest, into uuid.UUID) error {
	defer m.lock()()
	target, err := m.player(into)
	if err != nil {
		return err
	}
	if m.merged[guest] == target.ID {
		return nil
	}
	g, ok := m.players[guest]
	if !ok || !g.Guest || guest == target.ID {
		return ErrNotFound
	}
	for hash, id := range m.devices {
		if id == guest {
			m.devices[hash] = target.ID
		}
	}
	for id, to := range m.merged {
		if to == guest {
			m.merged[id] = target.ID
		}
	}
	delete(m.players, guest)
	m.merged[guest] = target.ID
	return nil
}

// Players returns all players, in order of their ids.
func (m *Memory) Players() []Player {
	defer m.lock()()
	var all []Player
	for _, p := range m.players {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Player) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return all
}
