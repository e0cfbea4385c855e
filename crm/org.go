package crm

import "context"

// Org is a Zoho CRM organisation.
type Org struct {
	ID           string
	ZGID         string // the organisation's number, which user names carry
	CompanyName  string
	PrimaryEmail string
	PrimaryZUID  string // the Zoho account of the super administrator
	Type         string // Production, Sandbox, Developer or Bigin
	TimeZone     string
	CountryCode  string
	ISOCode      string // of the currency: "EUR"
	Record       Record // all that Zoho sent
}

// Get tells about the organisation that the token belongs to.
//
// GET /crm/v8/org, scope ZohoCRM.org.READ (Zoho: get-org-data).
func (s *OrgService) Get(ctx context.Context) (*Org, error) {
	r, err := s.client.one(ctx, Request{Path: "/crm/v8/org"}, "org")
	if err != nil {
		return nil, err
	}
	return &Org{
		ID: r.ID(), ZGID: r.Text("zgid"), CompanyName: r.Text("company_name"),
		PrimaryEmail: r.Text("primary_email"), PrimaryZUID: r.Text("primary_zuid"), Type: r.Text("type"),
		TimeZone: r.Text("time_zone"), CountryCode: r.Text("country_code"), ISOCode: r.Text("iso_code"), Record: r,
	}, nil
}
