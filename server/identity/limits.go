package identity

import (
	"cmp"
	"errors"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"

	"hindsight/server/throttle"
)

// Limits bound how often somebody may do what costs the server something, or what helps to guess.
// Addresses are counted as throttle.Network says. A rate of zero means that of DefaultLimits.
type Limits struct {
	// Guests, Logins and Registrations are for each address. Logins count failed and good ones, and
	// changes of passwords; Registrations count sign-ins by way of another site too.
	Guests, Logins, Registrations throttle.Rate
	// PerLogin is for each login, from wherever: it slows down those who guess from many addresses.
	PerLogin throttle.Rate
	// Renames are for each player.
	Renames throttle.Rate
	// AllGuests bounds the guests made in all, whatever the number of addresses.
	AllGuests throttle.Rate
	// Keys is how many addresses, logins and players are remembered. 0 means throttle.DefaultKeys.
	Keys int
}

// DefaultLimits suit a school class behind one address, and nobody with worse intentions.
var DefaultLimits = Limits{
	Guests:        throttle.Rate{Every: 10 * time.Second, Burst: 30},
	Logins:        throttle.Rate{Every: 6 * time.Second, Burst: 10},
	Registrations: throttle.Rate{Every: time.Minute, Burst: 30},
	PerLogin:      throttle.Rate{Every: 6 * time.Second, Burst: 10},
	Renames:       throttle.Rate{Every: 5 * time.Minute, Burst: 3},
	AllGuests:     throttle.Rate{Every: 20 * time.Millisecond, Burst: 500},
}

// ErrTooMany is every TooMany, for errors.Is.
var ErrTooMany = errors.New("identity: too many attempts")

// TooMany says that somebody has to wait.
type TooMany struct {
	Wait time.Duration
	Of   string // which limit it was, for who counts: "guests", "logins" ...
}

// Error implements error.
func (e TooMany) Error() string { return ErrTooMany.Error() }

// Is makes every TooMany an ErrTooMany.
func (e TooMany) Is(target error) bool { return target == ErrTooMany }

// limits are the Limits at work.
type limits struct {
	guests, logins, registrations *throttle.Throttle[netip.Addr]
	perLogin                      *throttle.Throttle[string]
	renames                       *throttle.Throttle[uuid.UUID]
	allGuests                     *rate.Limiter
}

func newLimits(l Limits) *limits {
	all := cmp.Or(l.AllGuests, DefaultLimits.AllGuests)
	return &limits{
		guests:        throttle.New[netip.Addr](cmp.Or(l.Guests, DefaultLimits.Guests), l.Keys),
		logins:        throttle.New[netip.Addr](cmp.Or(l.Logins, DefaultLimits.Logins), l.Keys),
		registrations: throttle.New[netip.Addr](cmp.Or(l.Registrations, DefaultLimits.Registrations), l.Keys),
		perLogin:      throttle.New[string](cmp.Or(l.PerLogin, DefaultLimits.PerLogin), l.Keys),
		renames:       throttle.New[uuid.UUID](cmp.Or(l.Renames, DefaultLimits.Renames), l.Keys),
		allGuests:     rate.NewLimiter(rate.Every(all.Every), all.Burst),
	}
}

func (l *limits) guest(from netip.Addr, now time.Time) error {
	if err := tooMany("guests", l.guests.Take(throttle.Network(from), now)); err != nil {
		return err
	}
	if !l.allGuests.AllowN(now, 1) {
		return TooMany{Wait: time.Second, Of: "all_guests"}
	}
	return nil
}

// login counts an attempt; the login is "" if it cannot be anyone's. It says the same whether there is
// such a login or not.
func (l *limits) login(from netip.Addr, login string, now time.Time) error {
	if err := tooMany("logins", l.logins.Take(throttle.Network(from), now)); err != nil || login == "" {
		return err
	}
	return tooMany("per_login", l.perLogin.Take(login, now))
}

func (l *limits) registration(from netip.Addr, now time.Time) error {
	return tooMany("registrations", l.registrations.Take(throttle.Network(from), now))
}

func (l *limits) rename(player uuid.UUID, now time.Time) error {
	return tooMany("renames", l.renames.Take(player, now))
}

func tooMany(of string, wait time.Duration) error {
	if wait > 0 {
		return TooMany{Wait: wait, Of: of}
	}
	return nil
}
