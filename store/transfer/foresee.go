package transfer

import "zohocrm/oauth"

// checker is a target that says without writing whether Save would refuse a token for
// its values; of the ID it says nothing. It is not looked for through Unwrap, since a
// wrapper may save other values than it is given.
type checker interface {
	Check(t oauth.Token) error
}

// foresee refuses in a dry run what the target would refuse, as far as it can say.
func (c *copier) foresee(m *move) error {
	target, ok := c.to.(checker)
	if !ok || !m.writes() {
		return nil
	}
	err := target.Check(m.want)
	switch {
	case err == nil:
	case refusal(err):
		m.refuse(ofTarget(err))
	default:
		return ofTarget(err)
	}
	return nil
}
