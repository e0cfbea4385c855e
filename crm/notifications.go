package crm

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"zohocrm/oauth"
)

// MaxWatchLife is the longest life of a watch; without an expiry, or with a
// later one, it lives for an hour (Zoho: notifications/enable).
const MaxWatchLife = 7 * 24 * time.Hour

const watchPath = "/crm/v8/actions/watch"

// Watch is a channel over which Zoho tells of changed records.
type Watch struct {
	// ChannelID is a number of your choice, which names the channel. Required.
	ChannelID string
	// Events are what is told: "Leads.create", "Deals.edit", "Contacts.all". Required.
	Events []string
	// NotifyURL is where Zoho posts to; [NewNotifyHandler] answers there. Required.
	NotifyURL string
	// Token is a secret of at most 50 characters, which each notification
	// carries and which is all that proves it. Required.
	Token oauth.Secret
	// Expiry is when the channel ends, at most [MaxWatchLife] from now. Zero:
	// an hour from now.
	Expiry time.Time
	// FieldValues asks for the values of changed fields too.
	FieldValues bool
	// RelatedAction tells of changes in related lists too.
	RelatedAction bool
}

// WatchedEvent is what a channel tells of, as Zoho lists it.
type WatchedEvent struct {
	ChannelID    string
	Events       []string
	NotifyURL    string
	Expiry       time.Time
	ResourceName string // the module, as Zoho names it here
	Record       Record // all that Zoho sent, without the token
}

// Enable opens channels. Results and errors are as with [RecordsService.Insert].
// A channel that exists is opened anew.
//
// POST /crm/v8/actions/watch, scope ZohoCRM.notifications.CREATE (Zoho: notifications/enable).
func (s *NotificationsService) Enable(ctx context.Context, watches ...Watch) ([]Result, error) {
	return s.write(ctx, http.MethodPost, watches)
}

// Update replaces channels: what is not given again ends. One that is not there
// or has expired is [ErrNotSubscribed].
//
// PUT /crm/v8/actions/watch, scope ZohoCRM.notifications.UPDATE (Zoho: notifications/update-details).
func (s *NotificationsService) Update(ctx context.Context, watches ...Watch) ([]Result, error) {
	return s.write(ctx, http.MethodPut, watches)
}

// Renew changes what is given of channels, such as their Expiry, and leaves the
// rest. One that is not there or has expired is [ErrNotSubscribed].
//
// PATCH /crm/v8/actions/watch, scope ZohoCRM.notifications.UPDATE (Zoho: notifications/update-info).
func (s *NotificationsService) Renew(ctx context.Context, watches ...Watch) ([]Result, error) {
	return s.write(ctx, http.MethodPatch, watches)
}

func (s *NotificationsService) write(ctx context.Context, method string, watches []Watch) ([]Result, error) {
	list := make([]map[string]any, len(watches))
	for i, w := range watches {
		if err := w.check(s.client.now()); err != nil {
			return nil, fmt.Errorf("crm: watch %d: %w: nothing was sent", i, err)
		}
		list[i] = w.body()
	}
	answer := results{name: "watch", want: len(watches)}
	_, err := s.client.call(ctx, Request{Method: method, Path: watchPath, Body: map[string]any{"watch": list}}, &answer)
	if err != nil {
		return nil, err
	}
	return answer.list, failures(answer.list)
}

func (w Watch) check(now time.Time) error {
	u, err := url.Parse(w.NotifyURL)
	switch {
	case !isDigits(w.ChannelID):
		return errors.New("the ChannelID must be a number of digits")
	case len(w.Events) == 0:
		return errors.New("its Events are required")
	case err != nil || u.Host == "":
		return errors.New("the NotifyURL must be a whole URL")
	case w.Token.IsZero() || len(w.Token.Reveal()) > 50:
		return errors.New("a Token is required, of at most 50 characters")
	case !w.Expiry.IsZero() && !w.Expiry.After(now):
		return errors.New("the Expiry has passed")
	case w.Expiry.Sub(now) > MaxWatchLife:
		return errors.New("the Expiry is over a week away: Zoho would make it an hour")
	}
	return nil
}

func (w Watch) body() map[string]any {
	watch := map[string]any{"channel_id": w.ChannelID, "events": w.Events, "notify_url": w.NotifyURL, "token": w.Token.Reveal()}
	if !w.Expiry.IsZero() {
		watch["channel_expiry"] = w.Expiry.Format(zohoTime)
	}
	if w.FieldValues {
		watch["return_affected_field_values"] = true
	}
	if w.RelatedAction {
		watch["notify_on_related_action"] = true
	}
	return watch
}

// Disable closes channels, with all their events.
//
// DELETE /crm/v8/actions/watch?channel_ids=, scope ZohoCRM.notifications.DELETE (Zoho: notifications/disable).
func (s *NotificationsService) Disable(ctx context.Context, channelIDs ...string) ([]Result, error) {
	if err := checkIDs(channelIDs); err != nil || len(channelIDs) == 0 {
		return nil, errors.New("crm: channel IDs must not be empty nor have commas: nothing was sent")
	}
	answer := results{name: "watch", want: -1}
	r := Request{Method: http.MethodDelete, Path: watchPath, Query: url.Values{"channel_ids": {strings.Join(channelIDs, ",")}}}
	if _, err := s.client.call(ctx, r, &answer); err != nil {
		return nil, err
	}
	return answer.list, failures(answer.list)
}

// WatchOptions narrows [NotificationsService.List].
type WatchOptions struct {
	ChannelID string // "": all channels
	Module    string // "": all modules
}

// List goes through the channels that are open, one item for each of their events.
//
// GET /crm/v8/actions/watch, scope ZohoCRM.notifications.READ (Zoho: notifications/get-details).
func (s *NotificationsService) List(ctx context.Context, opts *WatchOptions) iter.Seq2[WatchedEvent, error] {
	here := WatchOptions{}
	if opts != nil {
		here = *opts
	}
	return each(through(ctx, watchPath, place{}, func(at place) (*Page, error) {
		query := url.Values{}
		set(query, "channel_id", here.ChannelID)
		set(query, "module", here.Module)
		perPage(query, 0)
		at.set(query)
		return s.client.page(ctx, Request{Path: watchPath, Query: query}, "watch")
	}), func(r Record) WatchedEvent {
		w := WatchedEvent{
			ChannelID: r.Text("channel_id"), NotifyURL: r.Text("notify_url"), Expiry: r.at("channel_expiry"),
			ResourceName: r.Text("resource_name"), Record: without(r, "token"),
		}
		var events []string
		if unmarshal(r.Raw("events"), &events) == nil {
			w.Events = events
		}
		return w
	})
}
