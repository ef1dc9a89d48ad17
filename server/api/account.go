package api

import (
	"encoding/json"
	"time"

	"hindsight/server/identity"
)

// playerJSON is a player.
type playerJSON struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Tag     int        `json:"tag"`
	Guest   bool       `json:"guest"`
	Created time.Time  `json:"created"`
	Seen    *time.Time `json:"seen,omitempty"`
}

func playerOf(p identity.Player) playerJSON {
	return playerJSON{ID: p.ID.String(), Name: p.Name, Tag: p.Tag, Guest: p.Guest, Created: p.Created.UTC()}
}

// signedIn is what a client keeps: the device to get sessions with, and the first session.
type signedIn struct {
	Device  string     `json:"device,omitempty"`
	Session string     `json:"session"`
	Expires time.Time  `json:"expires"`
	Player  playerJSON `json:"player"`
}

// enter makes a session for a device.
func (c *call) enter(device string, shown bool) (any, error) {
	token, p, err := c.cfg.Who.Session(c.ctx(), device)
	if err != nil {
		return nil, err
	}
	s, err := identity.Verify(c.cfg.Ring, token, c.cfg.Now())
	if err != nil {
		return nil, err
	}
	in := signedIn{Session: token, Expires: s.Expires.UTC(), Player: playerOf(p)}
	if shown {
		in.Device = device
	}
	return in, nil
}

// postGuests makes a player for somebody who comes for the first time.
func (c *call) postGuests() (any, error) {
	var in struct {
		Name string `json:"name"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	device, _, err := c.cfg.Who.NewGuest(c.ctx(), c.from, in.Name)
	if err != nil {
		return nil, err
	}
	return c.enter(device, true)
}

// postSessions gives a device's player another hour.
func (c *call) postSessions() (any, error) {
	var in struct {
		Device string `json:"device"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	return c.enter(in.Device, false)
}

// postAccounts makes an account of a guest, or a new one.
func (c *call) postAccounts() (any, error) {
	var in struct {
		Login    string `json:"login"`
		Password string `json:"password"`
		Device   string `json:"device"`
		Name     string `json:"name"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	device, _, err := c.cfg.Who.Register(c.ctx(), c.from, identity.Registration{
		Login: in.Login, Password: in.Password, Device: in.Device, Name: in.Name,
	})
	if err != nil {
		return nil, err
	}
	return c.enter(device, true)
}

// postLogin signs a device in.
func (c *call) postLogin() (any, error) {
	var in struct {
		Login    string `json:"login"`
		Password string `json:"password"`
		Device   string `json:"device"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	device, _, err := c.cfg.Who.Login(c.ctx(), c.from, in.Login, in.Password, in.Device)
	if err != nil {
		return nil, err
	}
	return c.enter(device, true)
}

// postPassword sets another password and signs all other devices out.
func (c *call) postPassword() (any, error) {
	var in struct {
		Login    string `json:"login"`
		Password string `json:"password"`
		New      string `json:"new"`
		Device   string `json:"device"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	return nil, c.cfg.Who.ChangePassword(c.ctx(), c.from, in.Login, in.Password, in.New, in.Device)
}

// deleteDevices signs a device out.
func (c *call) deleteDevices() (any, error) {
	var in struct {
		Device string `json:"device"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	return nil, c.cfg.Who.Logout(c.ctx(), in.Device)
}

// meJSON is the player who asks. Session is set when the old one says what is no longer so.
type meJSON struct {
	Player   playerJSON      `json:"player"`
	Settings json.RawMessage `json:"settings"`
	Session  string          `json:"session,omitempty"`
}

// getMe tells who asks.
func (c *call) getMe() (any, error) {
	p, err := c.cfg.Store.Player(c.ctx(), c.me.Player.String())
	if err != nil {
		return nil, err
	}
	return meJSON{Player: profileOf(p), Settings: json.RawMessage(p.Settings)}, nil
}

// patchMe changes the name, which is the device's to do, or the settings.
func (c *call) patchMe() (any, error) {
	var in struct {
		Name     *string         `json:"name"`
		Device   string          `json:"device"`
		Settings json.RawMessage `json:"settings"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	if in.Settings != nil && in.Settings[0] != '{' {
		return nil, errSettings
	}
	session := ""
	if in.Name != nil {
		var err error
		if session, err = c.rename(in.Device, *in.Name); err != nil {
			return nil, err
		}
	}
	if in.Settings != nil {
		if err := c.cfg.Store.SetSettings(c.ctx(), c.me.Player.String(), string(in.Settings)); err != nil {
			return nil, err
		}
	}
	me, err := c.getMe()
	if err != nil {
		return nil, err
	}
	m := me.(meJSON)
	m.Session = session
	return m, nil
}

// rename gives the player who asks another name, and returns a session that says it.
func (c *call) rename(device, name string) (session string, err error) {
	who, err := c.cfg.Who.Device(c.ctx(), device)
	if err != nil {
		return "", err
	}
	if who.ID != c.me.Player {
		return "", errDevice
	}
	if _, err := c.cfg.Who.Rename(c.ctx(), device, name); err != nil {
		return "", err
	}
	session, _, err = c.cfg.Who.Session(c.ctx(), device)
	return session, err
}
