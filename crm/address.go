package crm

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// url is where the call goes with this token: to the token's own API domain, if
// the directory knows it, or to the upload host of the same data centre.
func (c *Client) url(call *call, token *oauth.Token) (*url.URL, error) {
	base, err := c.base(token)
	if err != nil {
		return nil, err
	}
	if call.target != nil {
		return c.foreignURL(base, call.target)
	}
	if call.upload {
		if base, err = c.uploadBase(base); err != nil {
			return nil, err
		}
	}
	escaped := base.EscapedPath() + call.path
	base.Path, err = url.PathUnescape(escaped)
	if err != nil {
		return nil, errDomain
	}
	base.RawPath = escaped
	if err := c.directory.Check(base); err != nil {
		return nil, fmt.Errorf("no token is sent there: %w: connect the user again, or add the host to Config.Directory", err)
	}
	base.RawQuery = call.query.Encode()
	return base, nil
}

var errDomain = errors.New("the token's API domain is not a base URL such as https://www.zohoapis.com: connect the user again")

// base is the token's API domain.
func (c *Client) base(token *oauth.Token) (*url.URL, error) {
	domain := token.APIDomain
	if domain == "" {
		domain = c.apiURL
	}
	if domain == "" {
		return nil, errors.New("the token has no API domain: set Config.APIURL, or connect the user again")
	}
	base, err := url.Parse(strings.TrimRight(domain, "/"))
	if err != nil || base.Opaque != "" || base.RawQuery != "" || base.ForceQuery || base.Fragment != "" {
		return nil, errDomain
	}
	return base, nil
}

// centre is the data centre and environment of an API domain. An operator's own
// entry also stands for what lies below its path.
func (c *Client) centre(base *url.URL) (dc.DataCenter, dc.Environment, error) {
	if d, env, ok := c.directory.ByAPIDomain(base.String()); ok {
		return d, env, nil
	}
	all := c.directory.All()
	for i := len(all) - 1; i >= 0; i-- {
		for _, env := range []dc.Environment{dc.Production, dc.Sandbox, dc.Developer} {
			if all[i].Serves(env, base) {
				return all[i], env, nil
			}
		}
	}
	return dc.DataCenter{}, dc.Production, fmt.Errorf("no token is sent there: %w: %q", dc.ErrUntrusted, base.Host)
}

// uploadBase is where the data centre of an API domain takes uploads.
func (c *Client) uploadBase(base *url.URL) (*url.URL, error) {
	d, env, err := c.centre(base)
	if err != nil {
		return nil, err
	}
	if d.UploadURL == "" {
		return nil, fmt.Errorf("the upload host of data centre %q is not known, since Zoho does not publish it: set the UploadURL of an entry for it in the directory", d.Location)
	}
	upload := d.UploadURL
	if api := d.APIURL(env); upload == api {
		// One server for both: what follows the API's base follows here too.
		upload += strings.TrimPrefix(base.String(), api)
	}
	return url.Parse(upload)
}

// foreignURL checks an address that Zoho answered, such as that of a finished
// job: only hosts of the token's own data centre are given the token.
func (c *Client) foreignURL(base, target *url.URL) (*url.URL, error) {
	d, env, err := c.centre(base)
	if err != nil {
		return nil, err
	}
	if !d.Serves(env, target) {
		return nil, fmt.Errorf("no token is sent to %q, which is not of the token's data centre: %w: fetch it by hand", target.Host, dc.ErrUntrusted)
	}
	return target, nil
}
