package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"zohocrm/dc"
)

// What a poll answers while there is nothing yet (RFC 8628 section 3.5).
var (
	errPending  = errors.New("authorization_pending")
	errSlowDown = errors.New("slow_down")
)

// DeviceAccessToken polls until the user has consented, refused or let the code
// expire ([ErrConsentRefused], [ErrDeviceExpired]), or ctx ends (RFC 8628 section
// 3.4; Zoho: devices/polling-request). t gives the client's ID and secret. A
// server that cannot be reached is asked again, more and more rarely.
//
// The user may live in another data centre, which alone has the tokens then. It is
// asked if the directory lists it, and else nothing is sent ([dc.ErrUntrusted]).
// Save the tokens with [Keeper.ConnectIssued].
func (a *Accounts) DeviceAccessToken(ctx context.Context, t Token, d DeviceAuth) (DeviceConsent, error) {
	at, err := a.centerOf(d.AccountsURL)
	if err != nil {
		return DeviceConsent{}, err
	}
	wait := max(d.Interval, leastInterval)
	for next := wait; ; next = wait {
		if err := a.pause(ctx, next, d.Expiry); err != nil {
			return DeviceConsent{}, err
		}
		issued, err := a.pollDevice(ctx, at, t, d.DeviceCode)
		for hops := 0; hops < 2; hops++ { // there and, if need be, back
			var moved *elsewhere
			if !errors.As(err, &moved) {
				break
			}
			if at, err = a.moved(at, moved.location); err == nil {
				issued, err = a.pollDevice(ctx, at, t, d.DeviceCode)
			}
		}
		switch {
		case err == nil:
			return DeviceConsent{Issued: issued, DataCenter: at}, nil
		case ctx.Err() != nil:
			return DeviceConsent{}, ctx.Err()
		case errors.Is(err, errPending):
		case errors.Is(err, errSlowDown):
			wait += slowDown
		case errors.Is(err, ErrUnreachable), errors.Is(err, ErrOutcomeUnknown):
			// RFC 8628 section 3.5: back off. If the tokens were in the lost answer,
			// the next one says that the code is used.
			wait = min(2*wait, time.Minute)
		default:
			return DeviceConsent{}, err
		}
	}
}

// pause waits for the next poll, and not beyond the life of the code.
func (a *Accounts) pause(ctx context.Context, d time.Duration, expiry time.Time) error {
	if left := expiry.Sub(a.clock.now()); left <= 0 {
		return fmt.Errorf("%w: nobody entered it in time; log in again", ErrDeviceExpired)
	} else if left < d {
		d = left
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// elsewhere is Zoho's answer other_dc: another data centre has the tokens.
type elsewhere struct{ location string }

func (e *elsewhere) Error() string { return "the user's data is in another data centre" }

// pollDevice asks once.
func (a *Accounts) pollDevice(ctx context.Context, at dc.DataCenter, t Token, code Secret) (Issued, error) {
	u, err := a.endpoint(at.AccountsURL, "/oauth/v3/device/token")
	if err != nil {
		return Issued{}, err
	}
	form := credentials(t)
	form.Set("grant_type", "device_token")
	form.Set("code", code.Reveal())
	sent := a.clock.local()
	ans, err := a.post(ctx, opDeviceWait, u, form, nil)
	if err != nil {
		return Issued{}, err
	}
	body, _ := ans.decode()
	switch body.Error {
	case "":
		return ans.issued(opDeviceWait, a.clock.correct(sent))
	case "authorization_pending":
		return Issued{}, errPending
	case "slow_down":
		return Issued{}, errSlowDown
	case "other_dc":
		return Issued{}, &elsewhere{ans.userLocation()}
	case "access_denied":
		return Issued{}, fmt.Errorf("%w (%s): log in again and accept", ErrConsentRefused, body.Error)
	case "expired", "expired_token", "invalid_code":
		return Issued{}, fmt.Errorf("%w (%s): log in again, and enter the code in time", ErrDeviceExpired, body.Error)
	}
	return Issued{}, ans.refused(opDeviceWait, body)
}

// userLocation is where the user lives: user_location in Zoho's pages, dc in
// answers that were seen.
func (ans answer) userLocation() string {
	var body struct {
		Location string `json:"user_location"`
		DC       string `json:"dc"`
	}
	_ = json.Unmarshal(ans.body, &body) // "": no data centre is called so
	if body.Location == "" {
		return body.DC
	}
	return body.Location
}

// moved is the data centre that other_dc names. It gets the client's secret, so it
// must be listed. A stand-in for Zoho knows no other: nothing that was meant for
// it is sent to Zoho.
func (a *Accounts) moved(from dc.DataCenter, location string) (dc.DataCenter, error) {
	to, ok := a.directory.ByLocation(strings.ToLower(location))
	if from.Location == "custom" || !ok || to == from {
		return dc.DataCenter{}, fmt.Errorf("%w: the user lives in data centre %q, whose accounts server is not known here; log in there",
			dc.ErrUntrusted, printableLocation(location))
	}
	return to, nil
}

// printableLocation keeps a server's word fit for an error.
func printableLocation(location string) string {
	if len(location) > 10 || strings.Trim(strings.ToLower(location), "abcdefghijklmnopqrstuvwxyz") != "" {
		return "?"
	}
	return location
}

// centerOf is the listed data centre of an accounts URL.
func (a *Accounts) centerOf(accountsURL string) (dc.DataCenter, error) {
	center, ok := a.directory.ByAccountsURL(accountsURL)
	if !ok {
		u, _ := url.Parse(accountsURL)
		if u == nil {
			u = new(url.URL)
		}
		return center, fmt.Errorf("%w: %q", dc.ErrUntrusted, u.Host)
	}
	return center, nil
}
