package api

import (
	"net/http"
	"net/url"

	"hindsight/server/identity/oidc"
)

// cookie is the name of the one cookie that this server sets: what a sign-in by way of another site
// has to remember until it comes back. It says nothing about who the player is.
func (c *call) cookie() string {
	if c.cfg.Secure {
		return "__Host-hindsight-oidc"
	}
	return "hindsight-oidc"
}

// setCookie sets the cookie for as many seconds; -1 removes it.
func (c *call) setCookie(value string, seconds int) {
	http.SetCookie(c.w, &http.Cookie{
		Name: c.cookie(), Value: value, Path: "/", MaxAge: seconds,
		Secure: c.cfg.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// startOIDC sends the player to the other site.
func (c *call) startOIDC() error {
	if c.cfg.Site == nil {
		return errNoSite
	}
	b, err := c.cfg.Site.Begin(c.ctx())
	if err != nil {
		return err
	}
	c.setCookie(b.Cookie, int(oidc.Patience.Seconds()))
	http.Redirect(c.w, c.r, b.URL, http.StatusSeeOther)
	return nil
}

// backFromOIDC is where the other site sends the player back to. It hands what was brought to the
// page, in the part of the address that no server sees: the page ends the sign-in with its device,
// which belongs into no address.
func (c *call) backFromOIDC() error {
	if c.cfg.Site == nil {
		return errNoSite
	}
	c.w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(c.w, c.r, "/#oidc?"+c.r.URL.Query().Encode(), http.StatusSeeOther)
	return nil
}

// postOIDC ends a sign-in with the query that the other site sent the player back with.
func (c *call) postOIDC() (any, error) {
	var in struct {
		Query  string `json:"query"`
		Device string `json:"device"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	if c.cfg.Site == nil {
		return nil, errNoSite
	}
	kept, err := c.r.Cookie(c.cookie())
	if err != nil {
		return nil, oidc.ErrFlow
	}
	query, err := url.ParseQuery(in.Query)
	if err != nil {
		return nil, oidc.ErrFlow
	}
	who, err := c.cfg.Site.Finish(c.ctx(), kept.Value, query)
	if err != nil {
		return nil, err
	}
	device, _, err := c.cfg.Who.Enter(c.ctx(), c.from, who, in.Device)
	if err != nil {
		return nil, err
	}
	c.setCookie("", -1)
	return c.enter(device, true)
}
