package api

import (
	"errors"

	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/party"
	"hindsight/server/session"
)

// postParties makes a party that the player leads.
func (c *call) postParties() (any, error) { return c.cfg.Lobby.MakeParty(c.player()) }

// postJoin brings the player into a party by its code.
func (c *call) postJoin() (any, error) {
	var in struct {
		Code string `json:"code"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	if err := c.slow(c.codes, "codes"); err != nil { // codes are not to be guessed
		return nil, err
	}
	return c.cfg.Lobby.JoinParty(c.player(), in.Code)
}

// getParty shows the player's party; no content says there is none.
func (c *call) getParty() (any, error) {
	p, err := c.cfg.Lobby.PartyOf(c.me.Player)
	if errors.Is(err, party.ErrNotMember) {
		return nil, nil
	}
	return p, err
}

// deleteParty takes the player out of the party.
func (c *call) deleteParty() (any, error) {
	c.cfg.Lobby.LeaveParty(c.me.Player)
	return nil, nil
}

// postReady says whether the player agrees to the leader's next search.
func (c *call) postReady() (any, error) {
	in := struct {
		Ready bool `json:"ready"`
	}{Ready: true}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	return nil, c.cfg.Lobby.SetReady(c.me.Player, in.Ready)
}

// postKick lets the leader remove a member.
func (c *call) postKick() (any, error) { return nil, c.ofMember(c.cfg.Lobby.Kick) }

// postPromote lets the leader make another member leader.
func (c *call) postPromote() (any, error) { return nil, c.ofMember(c.cfg.Lobby.Promote) }

// ofMember does something with the member that the body names.
func (c *call) ofMember(do func(leader, member uuid.UUID) error) error {
	var in struct {
		Player string `json:"player"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	member, err := uuid.Parse(in.Player)
	if err != nil {
		return invalid("player is not the id of one")
	}
	return do(c.me.Player, member)
}

// postChat says a line.
func (c *call) postChat() (any, error) {
	var in struct {
		To   string `json:"to"`
		Text string `json:"text"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	text := session.Clean(in.Text, protocol.MaxChatRunes, protocol.MaxChatBytes)
	if text == "" {
		return nil, invalid("text says nothing")
	}
	return c.cfg.Lobby.Say(c.player(), in.To, text)
}
