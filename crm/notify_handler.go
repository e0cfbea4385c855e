package crm

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"zohocrm/oauth"
)

// NotifyConfig says what is done with notifications.
type NotifyConfig struct {
	// Token gives the secret of a channel, as Watch.Token had it; the zero
	// Secret if there is no such channel, which refuses the notification. Required.
	Token func(channelID string) oauth.Secret
	// Handle is told of each notification whose token is right, in the
	// request's goroutine and with its context. Zoho may send one twice, and
	// sends IDs, not records: note them, and read them afterwards. An error is
	// answered with 500. Required.
	Handle func(context.Context, Notification) error
	// Logger gets a line for what cannot be read or handled. nil: nobody does.
	Logger *slog.Logger
}

// Notification tells that records changed.
type Notification struct {
	ChannelID string
	Module    string
	Operation string // insert, update, delete, ...
	IDs       []string
	Time      time.Time // by Zoho's clock
	// Fields are the API names of the fields that changed, by record ID, if
	// Zoho says them.
	Fields map[string][]string
	Record Record // all that Zoho sent, without its token
}

// NewNotifyHandler is the handler for Watch.NotifyURL: it takes what carries the
// channel's token and answers 403 to all else, so that nobody but Zoho can tell
// the program anything. (Zoho: notifications/enable.)
func NewNotifyHandler(cfg NotifyConfig) (http.Handler, error) {
	if cfg.Token == nil || cfg.Handle == nil {
		return nil, errors.New("crm: a notification handler needs a Token and a Handle")
	}
	log := orDiscard(cfg.Logger)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := posted(w, r, log)
		if !ok {
			return
		}
		n := newNotification(body)
		want := cfg.Token(n.ChannelID)
		// Compared also where there is no channel, so that the time does not
		// tell which exist.
		if same := sameSecret(body.Text("token"), want); !same || want.IsZero() {
			log.WarnContext(r.Context(), "a notification without the channel's token was refused", "channel", oneLine(n.ChannelID))
			http.Error(w, "the token is missing or wrong", http.StatusForbidden)
			return
		}
		handled(r.Context(), w, log, cfg.Handle(r.Context(), n))
	}), nil
}

func newNotification(body Record) Notification {
	n := Notification{ChannelID: body.Text("channel_id"), Module: body.Text("module"), Operation: body.Text("operation")}
	if ms, ok := body.Int("server_time"); ok {
		n.Time = time.UnixMilli(ms)
	}
	_ = unmarshal(body.Raw("ids"), &n.IDs) // strings; of anything else there are none
	fields := map[string][]string{}
	for _, changed := range objects(body.Raw("affected_fields")) {
		for id, names := range changed.Fields() {
			var list []string
			if unmarshal(names, &list) == nil {
				fields[id] = list
			}
		}
	}
	if len(fields) > 0 {
		n.Fields = fields
	}
	n.Record = without(body, "token")
	return n
}

// without is a record less one field.
func without(r Record, field string) Record {
	text := []byte{'{'}
	for name, value := range r.Fields() {
		if name == field {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(append(append(text, quoteJSON(name)...), ':'), value...)
	}
	return Record{append(text, '}')}
}
