package crm

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"log/slog"
	"net/http"

	"zohocrm/oauth"
)

// maxPosted bounds what Zoho posts to us, in bytes.
const maxPosted = 1 << 20

// posted reads the JSON object that Zoho posted, and answers the request itself
// if there is none.
func posted(w http.ResponseWriter, r *http.Request, log *slog.Logger) (Record, bool) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return Record{}, false
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPosted))
	if err != nil {
		log.WarnContext(r.Context(), "zoho's post was not read", "error", err)
		http.Error(w, "the body cannot be read", http.StatusRequestEntityTooLarge)
		return Record{}, false
	}
	body, err := ParseRecord(text)
	if err != nil {
		http.Error(w, "the body is not a JSON object", http.StatusBadRequest)
		return Record{}, false
	}
	return body, true
}

// sameSecret compares in a time that does not tell how much is right.
func sameSecret(given string, want oauth.Secret) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(want.Reveal()))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// handled answers for what was done with a post. An error is logged and becomes
// a 500 without its text.
func handled(ctx context.Context, w http.ResponseWriter, log *slog.Logger, err error) {
	if err != nil {
		log.ErrorContext(ctx, "zoho's post was not handled", "error", err)
		http.Error(w, "not handled", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusOK)
}

func orDiscard(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}
