package recipes

import (
	"net/http"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// Books is an HTTP client for the products that live on the API host of the CRM,
// below paths of their own: Books, Inventory, Invoice, Bookings
// (https://www.zohoapis.eu/books/v3/contacts). directory is [dc.Zoho].
func Books(source oauth.Source, directory dc.Directory) *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &oauth.Transport{Source: source, Directory: directory}}
}

// Desk is an HTTP client for a product with a host of its own:
// https://desk.zoho.eu, https://mail.zoho.eu, https://projectsapi.zoho.eu. You name
// the host, and so vouch for it. home is the data centre of the user's tokens.
//
// A data centre's tokens may go to two hosts, that of the API and that for uploads.
// In this client's own directory the second one is the product's; it replaces
// nothing in the directory by which tokens are refreshed and the CRM is called.
func Desk(source oauth.Source, home dc.DataCenter, product string) *http.Client {
	home.UploadURL = product
	return &http.Client{Timeout: time.Minute, Transport: &oauth.Transport{Source: source, Directory: dc.Zoho().With(home)}}
}
