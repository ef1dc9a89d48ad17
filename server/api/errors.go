package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"hindsight/server/identity"
	"hindsight/server/identity/names"
	"hindsight/server/identity/oidc"
	"hindsight/server/identity/password"
	"hindsight/server/lobby"
	"hindsight/server/matchmaking"
	"hindsight/server/moderation"
	"hindsight/server/node"
	"hindsight/server/party"
	"hindsight/server/replays"
	"hindsight/server/storage"
	"hindsight/server/ticket"
)

// failure is a refusal: what a program and what a person is told.
type failure struct {
	status int
	code   string
	text   string
	wait   time.Duration // before the next try; 0 says nothing
}

// Error implements error.
func (f *failure) Error() string { return "api: " + f.code + ": " + f.text }

// What this package itself refuses.
var (
	errPath      = &failure{http.StatusNotFound, "not_found", "There is nothing here.", 0}
	errMethod    = &failure{http.StatusMethodNotAllowed, "method_not_allowed", "This cannot be done here.", 0}
	errOrigin    = &failure{http.StatusForbidden, "cross_origin", "Another site's page cannot do that.", 0}
	errNoSession = &failure{http.StatusUnauthorized, "no_session", "Sign in first.", 0}
	errMedia     = &failure{http.StatusUnsupportedMediaType, "not_json", "The body must be application/json.", 0}
	errLarge     = &failure{http.StatusRequestEntityTooLarge, "too_large", "The body has more than 8 KB.", 0}
	errDevice    = &failure{http.StatusForbidden, "wrong_device", "This device belongs to another player.", 0}
	errStreams   = &failure{http.StatusTooManyRequests, "too_many_streams", "Too many pages are open. Close one.", 5 * time.Second}
	errStopping  = &failure{http.StatusServiceUnavailable, "stopping", "The server is restarting.", 2 * time.Second}
	errNoSite    = &failure{http.StatusNotFound, "no_oidc", "There is no other site to sign in by way of.", 0}
	errReplay    = &failure{http.StatusNotFound, "unknown_replay", "There is no such replay, or it has been deleted to make room for newer ones.", 0}
	errSettings  = &failure{http.StatusBadRequest, "invalid_settings", "Settings are a JSON object of at most 8 KB.", 0}
)

// invalid says what is wrong with a request.
func invalid(format string, args ...any) error {
	return &failure{http.StatusBadRequest, "invalid", fmt.Sprintf(format, args...), 0}
}

// table says what others' refusals are told as. A text of "" means the error's own, which is for people.
var table = []struct {
	err error
	failure
}{
	{identity.ErrSession, failure{http.StatusUnauthorized, "session_ended", "The session has ended. Get another.", 0}},
	{identity.ErrDevice, failure{http.StatusUnauthorized, "unknown_device", "This device is not signed in.", 0}},
	{identity.ErrCredentials, failure{http.StatusUnauthorized, "wrong_login", "The login or the password is wrong.", 0}},
	{identity.ErrTaken, failure{http.StatusConflict, "taken", "Somebody has that already.", 0}},
	{identity.ErrAccount, failure{http.StatusConflict, "has_account", "This player has an account already.", 0}},
	{identity.ErrLogin, failure{http.StatusBadRequest, "invalid_login", "", 0}},
	{identity.ErrCrowded, failure{http.StatusConflict, "name_crowded", "", 0}},
	{names.ErrLength, failure{http.StatusBadRequest, "invalid_name", "", 0}},
	{names.ErrCharacters, failure{http.StatusBadRequest, "invalid_name", "", 0}},
	{names.ErrScripts, failure{http.StatusBadRequest, "invalid_name", "", 0}},
	{names.ErrReserved, failure{http.StatusBadRequest, "invalid_name", "", 0}},
	{names.ErrRefused, failure{http.StatusBadRequest, "invalid_name", "", 0}},
	{password.ErrShort, failure{http.StatusBadRequest, "invalid_password", "", 0}},
	{password.ErrLong, failure{http.StatusBadRequest, "invalid_password", "", 0}},
	{password.ErrUnusable, failure{http.StatusBadRequest, "invalid_password", "", 0}},
	{password.ErrCommon, failure{http.StatusBadRequest, "invalid_password", "", 0}},
	{password.ErrBusy, failure{http.StatusServiceUnavailable, "busy", "Too many sign in at once. Try again in a moment.", time.Second}},
	{oidc.ErrFlow, failure{http.StatusBadRequest, "oidc_again", "The sign-in has to be started again.", 0}},
	{oidc.ErrDenied, failure{http.StatusForbidden, "oidc_denied", "The other site did not let you in.", 0}},
	{oidc.ErrSite, failure{http.StatusBadGateway, "oidc_site", "The other site is in trouble. Try again later.", 5 * time.Second}},

	{lobby.ErrPassword, failure{http.StatusForbidden, "wrong_password", "The room's password is another one.", 0}},
	{lobby.ErrSeats, failure{http.StatusTooManyRequests, "too_many_seats", "Too many seats are kept for your network. Use one or wait.", 5 * time.Second}},
	{lobby.ErrLocked, failure{http.StatusForbidden, "room_locked", "The room is locked.", 0}},
	{lobby.ErrOwner, failure{http.StatusForbidden, "not_owner", "Only who opened the room can do that.", 0}},
	{lobby.ErrNotQueued, failure{http.StatusNotFound, "not_queued", "You are not looking for a match.", 0}},
	{lobby.ErrChannel, failure{http.StatusBadRequest, "invalid", "to is lobby or party.", 0}},
	{lobby.ErrNoNode, failure{http.StatusServiceUnavailable, "no_server", "No game server has room now.", 2 * time.Second}},
	{node.ErrTooMany, failure{http.StatusServiceUnavailable, "too_many_rooms", "No more rooms can be opened now.", 10 * time.Second}},
	{node.ErrDraining, failure{http.StatusServiceUnavailable, "stopping", "The server is restarting.", 2 * time.Second}},

	{replays.ErrUnknown, *errReplay},
	{identity.ErrNotFound, failure{http.StatusNotFound, "unknown_player", "There is no such player.", 0}},
	{storage.ErrNotFound, failure{http.StatusNotFound, "unknown_player", "There is no such player.", 0}},
	{storage.ErrInvalid, failure{http.StatusBadRequest, "invalid", "Something in the request is too long, or not text.", 0}},
	{storage.ErrUnavailable, failure{http.StatusServiceUnavailable, "no_database", "The server cannot look that up now. Try again soon.", 5 * time.Second}},
	{context.DeadlineExceeded, failure{http.StatusServiceUnavailable, "busy", "The server is busy. Try again in a moment.", time.Second}},
	{context.Canceled, failure{http.StatusServiceUnavailable, "busy", "The request was given up.", time.Second}},
}

// statuses are those of refusals that know no HTTP; the rest are conflicts.
var statuses = map[error]int{
	matchmaking.ErrPlaylist: http.StatusNotFound, matchmaking.ErrEntry: http.StatusBadRequest, matchmaking.ErrBusy: http.StatusServiceUnavailable,
	party.ErrNoParty: http.StatusNotFound, party.ErrNotMember: http.StatusNotFound, party.ErrNoMember: http.StatusNotFound,
	party.ErrNotLeader: http.StatusForbidden, party.ErrInvalid: http.StatusBadRequest, party.ErrBusy: http.StatusServiceUnavailable,
}

// failureOf finds what an error is told as. One that is on no list is our fault, and logged.
func (a *API) failureOf(err error) failure {
	var f *failure
	if errors.As(err, &f) {
		return *f
	}
	var wait identity.TooMany
	if errors.As(err, &wait) {
		return failure{http.StatusTooManyRequests, "too_many", "That was too often. Wait a moment.", wait.Wait}
	}
	var seat ticket.Refusal
	if errors.As(err, &seat) {
		return failure{seat.Status(), seat.Code(), seat.Text(), 0}
	}
	var settings node.SettingsError
	if errors.As(err, &settings) {
		return failure{http.StatusBadRequest, "invalid_settings", settings.Err.Error(), 0}
	}
	var hush lobby.Silenced
	if errors.As(err, &hush) {
		return silenced(hush)
	}
	if f, ok := spoken(err); ok {
		return f
	}
	for _, t := range table {
		if errors.Is(err, t.err) {
			f := t.failure
			if f.text == "" {
				f.text = t.err.Error()
			}
			return f
		}
	}
	a.cfg.Log.Error("a request failed", "error", err)
	return failure{http.StatusInternalServerError, "internal", "Something went wrong here.", 0}
}

// silenced says why a line was not said.
func silenced(s lobby.Silenced) failure {
	switch s.Verdict {
	case moderation.Muted:
		return failure{http.StatusForbidden, "muted", "You may not speak here at the moment.", s.Wait}
	case moderation.Repeated:
		return failure{http.StatusTooManyRequests, "repeated", "You have just said that.", s.Wait}
	}
	return failure{http.StatusTooManyRequests, "too_fast", "You are speaking too fast.", s.Wait}
}

// spoken finds what the refusals of queues and parties are told as, which bring their own words.
func spoken(err error) (failure, bool) {
	for e := err; e != nil; e = errors.Unwrap(e) {
		var code, text string
		switch r := e.(type) {
		case matchmaking.Refusal:
			code, text = r.Code(), r.Text()
		case party.Refusal:
			code, text = r.Code(), r.Text()
		default:
			continue
		}
		f := failure{http.StatusConflict, code, text, 0}
		if s, ok := statuses[e]; ok {
			f.status = s
		}
		return f, true
	}
	return failure{}, false
}
