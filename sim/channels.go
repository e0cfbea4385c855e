package sim

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxChannels bounds the notification channels of one organisation.
const maxChannels = 1_000

// channel is a subscription to changes. It is replaced, never changed.
type channel struct {
	id           string
	notifyURL    string
	token        string
	events       []string // "Leads.create"
	expiry       time.Time
	condition    json.RawMessage // notification_condition as it was sent; nil: none
	related      bool            // notify_on_related_action
	returnValues bool            // return_affected_field_values
	base         string          // address of the data centre that was subscribed at
}

// channels are those of one organisation.
type channels struct {
	mu   sync.Mutex
	list []*channel
}

// alive are the channels that have not expired. Those that have are forgotten.
func (x *channels) alive(now time.Time) []*channel {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.list = slices.DeleteFunc(x.list, func(ch *channel) bool { return !now.Before(ch.expiry) })
	return slices.Clone(x.list)
}

// put stores a channel in place of the one of its ID. It reports whether there
// was room.
func (x *channels) put(ch *channel) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range x.list {
		if x.list[i].id == ch.id {
			x.list[i] = ch
			return true
		}
	}
	if len(x.list) >= maxChannels {
		return false
	}
	x.list = append(x.list, ch)
	return true
}

func (x *channels) find(id string, now time.Time) *channel {
	for _, ch := range x.alive(now) {
		if ch.id == id {
			return ch
		}
	}
	return nil
}

func (x *channels) drop(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.list = slices.DeleteFunc(x.list, func(ch *channel) bool { return ch.id == id })
}

// wants are the IDs of a change that the channel is to be told of.
func (ch *channel) wants(c change) []string {
	event := map[string]string{"insert": "create", "update": "edit", "delete": "delete"}[c.operation]
	if !slices.Contains(ch.events, c.module+"."+event) && !slices.Contains(ch.events, c.module+".all") {
		return nil
	}
	if c.operation != "update" || len(ch.condition) == 0 {
		return c.ids
	}
	var out []string
	for _, id := range c.ids {
		if ch.selects(c.module, c.fields[id]) {
			out = append(out, id)
		}
	}
	return out
}

// fieldSelection is the part of a notification_condition that says which fields
// must have changed.
type fieldSelection struct {
	Operator string           `json:"group_operator"`
	Group    []fieldSelection `json:"group"`
	Field    moduleName       `json:"field"`
}

func (f fieldSelection) fits(changed []string) bool {
	if len(f.Group) == 0 {
		return slices.Contains(changed, f.Field.APIName)
	}
	any := strings.EqualFold(f.Operator, "or")
	for _, g := range f.Group {
		if g.fits(changed) == any {
			return any
		}
	}
	return !any
}

// selects reports whether the changed fields meet the channel's condition.
func (ch *channel) selects(module string, changed []string) bool {
	var list []struct {
		Type      string         `json:"type"`
		Module    moduleName     `json:"module"`
		Selection fieldSelection `json:"field_selection"`
	}
	if json.Unmarshal(ch.condition, &list) != nil {
		return true
	}
	for _, one := range list {
		if one.Type == "field_selection" && one.Module.APIName == module && !one.Selection.fits(changed) {
			return false
		}
	}
	return true
}

// modules are the modules of the channel's events, in their order.
func (ch *channel) modules() []string {
	var out []string
	for _, e := range ch.events {
		if m, _, _ := strings.Cut(e, "."); !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}
