package sim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"zohocrm/sim/internal/records"
)

// maxToken is the longest token of a channel.
const maxToken = 50

// watchItem is a channel as a request describes it. What is nil was not given.
type watchItem struct {
	ChannelID    json.RawMessage `json:"channel_id"`
	Events       []string        `json:"events"`
	Expiry       *string         `json:"channel_expiry"`
	Token        *string         `json:"token"`
	NotifyURL    *string         `json:"notify_url"`
	Condition    json.RawMessage `json:"notification_condition"`
	Related      *bool           `json:"notify_on_related_action"`
	Values       *bool           `json:"return_affected_field_values"`
	DeleteEvents bool            `json:"_delete_events"`
}

// id is the channel's number as text; requests send it as a number or a text.
func (i *watchItem) id() string { return strings.Trim(string(i.ChannelID), `"`) }

// routeWatch serves /actions/watch.
func (s *Server) routeWatch(a *apiCall) {
	if len(a.rest) != 2 || a.rest[1] != "watch" {
		invalidURL().write(a.w)
		return
	}
	op, known := map[string]string{
		http.MethodGet: "READ", http.MethodPost: "CREATE", http.MethodPut: "UPDATE", http.MethodPatch: "UPDATE", http.MethodDelete: "DELETE",
	}[a.r.Method]
	switch {
	case !known:
		invalidMethod().write(a.w)
	case !a.may("ZohoCRM.notifications." + op):
	case op == "READ":
		s.listWatches(a)
	case op == "DELETE":
		s.deleteWatches(a)
	default:
		s.writeWatches(a)
	}
}

// writeWatches is POST (subscribe), PUT (replace) and PATCH (change some
// details, or take events away with _delete_events).
func (s *Server) writeWatches(a *apiCall) {
	var body struct {
		Watch []watchItem `json:"watch"`
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		newProblem(http.StatusBadRequest, "INVALID_DATA", "invalid data").with("api_name", "watch").
			with("json_path", "$.watch").with("expected_data_type", "jsonarray").write(a.w)
		return
	}
	if len(body.Watch) == 0 {
		newProblem(http.StatusBadRequest, "MANDATORY_NOT_FOUND", "required field not found").
			with("api_name", "watch").with("json_path", "$.watch").write(a.w)
		return
	}
	good, message := http.StatusOK, "Successfully updated the subscribe details"
	if a.r.Method == http.MethodPost {
		good, message = http.StatusCreated, "Successfully subscribed for actions-watch of the given module"
	}
	var out []any
	failed := 0
	for i := range body.Watch {
		item := &body.Watch[i]
		ch, problem := s.readChannel(a, i, item)
		if problem == nil && len(ch.events) == 0 {
			a.org.channels.drop(ch.id)
		} else if problem == nil && !a.org.channels.put(ch) {
			problem = newProblem(http.StatusBadRequest, "LIMIT_EXCEEDED", "too many channels").with("limit", maxChannels)
		}
		if problem != nil {
			failed++
			out = append(out, problem.body())
			continue
		}
		out = append(out, map[string]any{"code": "SUCCESS", "message": message, "status": "success", "details": map[string]any{"events": ch.describe(a)}})
	}
	writeJSON(a.w, mixed(good, failed, len(out)), map[string]any{"watch": out})
}

// mixed is the status of an answer in which some of the channels failed. When
// all did it is 202, which is where the OpenAPI file has such answers.
func mixed(good, failed, all int) int {
	switch failed {
	case 0:
		return good
	case all:
		return http.StatusAccepted
	}
	return http.StatusMultiStatus
}

// readChannel makes the channel that an item describes.
func (s *Server) readChannel(a *apiCall, i int, item *watchItem) (*channel, *problem) {
	wrong := func(code, name string) *problem {
		message := map[string]string{"MANDATORY_NOT_FOUND": "required field not found", "INVALID_DATA": "invalid data"}[code]
		return newProblem(http.StatusBadRequest, code, message).
			with("api_name", name).with("json_path", "$.watch["+strconv.Itoa(i)+"]."+name)
	}
	if len(item.ChannelID) == 0 || item.id() == "null" {
		return nil, wrong("MANDATORY_NOT_FOUND", "channel_id")
	}
	if _, err := strconv.ParseInt(item.id(), 10, 64); err != nil {
		return nil, wrong("INVALID_DATA", "channel_id")
	}
	old := a.org.channels.find(item.id(), a.now)
	if old == nil && a.r.Method != http.MethodPost {
		return nil, newProblem(http.StatusBadRequest, "NOT_SUBSCRIBED", "the channel is not subscribed")
	}
	ch := &channel{id: item.id(), base: a.base(a.location), expiry: a.now.Add(s.channelLife())}
	if a.environment != "" {
		ch.base += "/" + a.environment
	}
	if a.r.Method == http.MethodPatch {
		*ch = *old
	}
	switch {
	case item.Events == nil && len(ch.events) == 0:
		return nil, wrong("MANDATORY_NOT_FOUND", "events")
	case item.NotifyURL == nil && ch.notifyURL == "":
		return nil, wrong("MANDATORY_NOT_FOUND", "notify_url")
	case item.Token != nil && len(*item.Token) > maxToken:
		return nil, wrong("INVALID_DATA", "token").with("maximum_length", maxToken)
	}
	for n, e := range item.Events {
		module, what, _ := strings.Cut(e, ".")
		if !a.book().Has(module) || !slices.Contains([]string{"create", "edit", "delete", "all"}, what) {
			return nil, wrong("INVALID_DATA", "events").with("json_path", "$.watch["+strconv.Itoa(i)+"].events["+strconv.Itoa(n)+"]")
		}
	}
	if item.NotifyURL != nil {
		u, err := url.Parse(*item.NotifyURL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, wrong("INVALID_DATA", "notify_url")
		}
		ch.notifyURL = *item.NotifyURL
	}
	if item.Expiry != nil {
		at, err := time.Parse(time.RFC3339, *item.Expiry)
		if err != nil || !at.After(a.now) {
			return nil, wrong("INVALID_DATA", "channel_expiry").with("expected_data_type", "datetime")
		}
		if ch.expiry = at; s.limits.ChannelLife > 0 && at.Sub(a.now) > s.limits.ChannelLife {
			ch.expiry = a.now.Add(s.channelLife()) // too long: the default (Zoho: enable page)
		}
	}
	item.apply(ch)
	return ch, nil
}

// apply takes over the details that need no check.
func (i *watchItem) apply(ch *channel) {
	switch {
	case i.DeleteEvents:
		ch.events = slices.DeleteFunc(slices.Clone(ch.events), func(e string) bool { return slices.Contains(i.Events, e) })
	case i.Events != nil:
		ch.events = i.Events
	}
	if i.Token != nil {
		ch.token = *i.Token
	}
	if i.Condition != nil {
		ch.condition = i.Condition
	}
	if i.Related != nil {
		ch.related = *i.Related
	}
	if i.Values != nil {
		ch.returnValues = *i.Values
	}
}

// channelLife is the life of a channel that asks for none.
func (s *Server) channelLife() time.Duration {
	if s.limits.DefaultChannelLife <= 0 {
		return time.Hour
	}
	return s.limits.DefaultChannelLife
}

// describe lists the modules of a channel as answers do.
func (ch *channel) describe(a *apiCall) []any {
	out := []any{}
	for _, name := range ch.modules() {
		m, _ := a.book().Module(name)
		out = append(out, map[string]any{
			"channel_id": ch.id, "channel_expiry": ch.expiry.UTC().Format(records.Stamp), "resource_name": name,
			"resource_id": m.ID(), "resource_uri": ch.base + "/crm/v8/" + name, "notification_condition": ch.conditions(),
		})
	}
	return out
}

func (ch *channel) conditions() any {
	if len(ch.condition) == 0 || string(ch.condition) == "null" {
		return []any{}
	}
	return ch.condition
}

// listWatches is GET /actions/watch.
func (s *Server) listWatches(a *apiCall) {
	q := a.r.URL.Query()
	l := newListing()
	if problem := l.readPage(q); problem != nil {
		problem.write(a.w)
		return
	}
	var all []any
	for _, ch := range a.org.channels.alive(a.now) {
		if id := q.Get("channel_id"); id != "" && id != ch.id {
			continue
		}
		for _, d := range ch.describe(a) {
			one := d.(map[string]any)
			module := one["resource_name"].(string)
			if want := q.Get("module"); want != "" && want != module {
				continue
			}
			one["notify_url"], one["token"], one["fields"] = ch.notifyURL, ch.token, map[string]any{}
			one["notify_on_related_action"], one["return_affected_field_values"] = ch.related, ch.returnValues
			events := []string{}
			for _, e := range ch.events {
				if strings.HasPrefix(e, module+".") {
					events = append(events, e)
				}
			}
			one["events"] = events
			all = append(all, one)
		}
	}
	start := min(l.query.Start, len(all))
	end := min(start+l.query.Limit, len(all))
	if start == end {
		a.w.WriteHeader(http.StatusNoContent)
		return
	}
	writeJSON(a.w, http.StatusOK, map[string]any{"watch": all[start:end], "info": l.info(end-start, end < len(all))})
}

// deleteWatches is DELETE /actions/watch?channel_ids=.
func (s *Server) deleteWatches(a *apiCall) {
	list := a.r.URL.Query().Get("channel_ids")
	if list == "" {
		missingParam("channel_ids").with("param", "channel_ids").write(a.w)
		return
	}
	var out []any
	failed := 0
	for id := range strings.SplitSeq(list, ",") {
		if a.org.channels.find(id, a.now) == nil {
			failed++
			out = append(out, newProblem(http.StatusBadRequest, "NOT_SUBSCRIBED", "the channel is not subscribed").body())
			continue
		}
		a.org.channels.drop(id)
		out = append(out, map[string]any{
			"code": "SUCCESS", "message": "Successfully un-subscribed from actions-watch", "status": "success",
			"details": map[string]any{"resource_uri": a.base(a.location) + "/crm/v8/actions/watch", "channel_id": id},
		})
	}
	writeJSON(a.w, mixed(http.StatusOK, failed, len(out)), map[string]any{"watch": out})
}
