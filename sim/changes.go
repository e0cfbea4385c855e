package sim

import (
	"encoding/json"
	"slices"
	"time"

	"zohocrm/sim/internal/records"
)

// change is what happened to records of a module in one call.
type change struct {
	module    string
	operation string // insert, update or delete
	ids       []string
	fields    map[string][]string // that an update changed, by ID
}

// note remembers what a write did, for the notifications.
func (a *apiCall) note(module string, results []records.Result) {
	a.news = append(a.news, changesOf(module, results)...)
}

// changesOf sorts the results of a write by what was done.
func changesOf(module string, results []records.Result) []change {
	var out []change
	for _, r := range results {
		if r.Problem != nil || r.Action == "" {
			continue
		}
		i := slices.IndexFunc(out, func(c change) bool { return c.operation == r.Action })
		if i < 0 {
			i = len(out)
			out = append(out, change{module: module, operation: r.Action, fields: map[string][]string{}})
		}
		out[i].ids = append(out[i].ids, r.ID)
		if len(r.Fields) > 0 {
			out[i].fields[r.ID] = r.Fields
		}
	}
	return out
}

// tell announces what a call has done.
func (n *notices) tell(a *apiCall) {
	if len(a.news) > 0 {
		n.announce(a.org, a.news)
	}
}

// announce posts changes to the channels that watch for them.
func (n *notices) announce(o *org, news []change) {
	now := o.now()
	for _, ch := range o.channels.alive(now) {
		for _, c := range news {
			if ids := ch.wants(c); len(ids) > 0 {
				n.post(ch.notifyURL, ch.message(o, c, ids, now))
			}
		}
	}
}

// message is the body of a notification (Zoho: enable-notifications page).
func (ch *channel) message(o *org, c change, ids []string, now time.Time) []byte {
	body := map[string]any{
		"server_time": now.UnixMilli(), "query_params": map[string]any{}, "module": c.module,
		"resource_uri": ch.base + "/crm/v8/" + c.module, "ids": ids, "operation": c.operation,
		"channel_id": ch.id, "token": ch.token,
	}
	fields, values := []any{}, []any{}
	for _, id := range ids {
		if len(c.fields[id]) == 0 {
			continue
		}
		fields = append(fields, map[string]any{id: c.fields[id]})
		if row, _, ok := o.book().Get(c.module, id, c.fields[id]); ok && ch.returnValues {
			values = append(values, map[string]any{"record_id": id, "values": json.RawMessage(row)})
		}
	}
	body["affected_fields"] = fields
	if ch.returnValues {
		body["affected_values"] = values
	}
	return marshalItem(body)
}
