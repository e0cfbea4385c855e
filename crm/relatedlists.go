package crm

import "context"

// RelatedList describes a list of records that belong to a record of a module.
type RelatedList struct {
	ID      string
	APIName string // as [RelatedService] names it: "Products"
	Label   string // as users see it
	Module  string // API name of the module of the records; "": of none, such as Emails
	Type    string // default, custom, multiselectlookup, ...
	Record  Record // all that Zoho sent
}

// RelatedLists lists what may belong to a record of a module, from memory where
// it is fresh.
//
// GET /crm/v8/settings/related_lists?module=, scope ZohoCRM.settings.related_lists.READ (Zoho: related-list-meta).
func (s *MetadataService) RelatedLists(ctx context.Context, module string) ([]RelatedList, error) {
	query, err := ofModule(module)
	if err != nil {
		return nil, err
	}
	list, err := s.list(ctx, "/crm/v8/settings/related_lists", "related_lists", query)
	return convert(list, newRelatedList), err
}

func newRelatedList(r Record) RelatedList {
	return RelatedList{
		ID: r.ID(), APIName: r.Text("api_name"), Label: r.Text("display_label"),
		Module: r.Sub("module").Text("api_name"), Type: r.Text("type"), Record: r,
	}
}
