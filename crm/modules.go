package crm

import "context"

// Module describes a module.
type Module struct {
	ID            string
	APIName       string // as calls name it: "Leads"
	SingularLabel string // as the organisation's users see it
	PluralLabel   string
	GeneratedType string // default, custom, subform, linking, ...
	APISupported  bool   // whether its records can be reached by the API at all
	Creatable     bool
	Editable      bool
	Deletable     bool
	Viewable      bool
	Record        Record // all that Zoho sent
}

// Modules lists the modules of the organisation, from memory where it is fresh.
//
// GET /crm/v8/settings/modules, scope ZohoCRM.settings.modules.READ (Zoho: modules-api).
func (s *MetadataService) Modules(ctx context.Context) ([]Module, error) {
	list, err := s.list(ctx, modulesPath, "modules", nil)
	return convert(list, newModule), err
}

const modulesPath = "/crm/v8/settings/modules"

// Module describes one module at more length than [MetadataService.Modules].
//
// GET /crm/v8/settings/modules/{api_name}, scope ZohoCRM.settings.modules.READ (Zoho: modules-api).
func (s *MetadataService) Module(ctx context.Context, module string) (*Module, error) {
	path, err := settingsPath("modules", module)
	if err != nil {
		return nil, err
	}
	r, err := s.one(ctx, path, "modules", nil)
	if err != nil {
		return nil, err
	}
	m := newModule(r)
	return &m, nil
}

func newModule(r Record) Module {
	return Module{
		ID: r.ID(), APIName: r.Text("api_name"), SingularLabel: r.Text("singular_label"), PluralLabel: r.Text("plural_label"),
		GeneratedType: r.Text("generated_type"), APISupported: r.yes("api_supported"),
		Creatable: r.yes("creatable"), Editable: r.yes("editable"), Deletable: r.yes("deletable"), Viewable: r.yes("viewable"), Record: r,
	}
}
