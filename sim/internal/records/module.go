package records

// Module describes a kind of record.
type Module struct {
	APIName   string
	Singular  string
	NameField string // what a lookup to this module shows
	// Duplicates are the fields that upsert compares by itself, before any
	// unique field (Zoho: upsert-records page).
	Duplicates []string
	Fields     []Field
}

// Type is a field's data type, spelled as Zoho's field metadata spells it.
type Type string

// The data types that the four modules use.
const (
	Text     Type = "text"
	TextArea Type = "textarea"
	Picklist Type = "picklist"
	Email    Type = "email"
	Phone    Type = "phone"
	Website  Type = "website"
	Integer  Type = "integer"
	Currency Type = "currency"
	Boolean  Type = "boolean"
	Date     Type = "date"
	DateTime Type = "datetime"
	Lookup   Type = "lookup"
	Owner    Type = "ownerlookup"
)

// Field describes one field of a module.
type Field struct {
	APIName   string
	Label     string
	Type      Type
	Length    int    // longest text; 0: does not apply
	Mandatory bool   // a record cannot be without it
	ReadOnly  bool   // set by the server; what a request says of it is ignored
	Unique    bool   // no two records of a module may share it
	Module    string // what a Lookup points at
}

func (m Module) field(name string) (Field, bool) {
	for _, f := range m.Fields {
		if f.APIName == name {
			return f, true
		}
	}
	return Field{}, false
}

func (m Module) has(name string) bool {
	_, ok := m.field(name)
	return ok
}

// Modules are the modules every organisation has, with the fields that Zoho
// gives them (a selection) and one unique custom field, External_Key.
func Modules() []Module {
	return []Module{
		{
			APIName: "Leads", Singular: "Lead", NameField: "Last_Name", Duplicates: []string{"Email"},
			Fields: common(
				text("First_Name", "First Name", 40), must(text("Last_Name", "Last Name", 80)), fullName(),
				text("Company", "Company", 100), Field{APIName: "Email", Label: "Email", Type: Email, Length: 100},
				Field{APIName: "Phone", Label: "Phone", Type: Phone, Length: 30},
				pick("Lead_Source", "Lead Source"), pick("Lead_Status", "Lead Status"),
				Field{APIName: "No_of_Employees", Label: "No. of Employees", Type: Integer},
				Field{APIName: "Annual_Revenue", Label: "Annual Revenue", Type: Currency},
				Field{APIName: "Email_Opt_Out", Label: "Email Opt Out", Type: Boolean},
			),
		},
		{
			APIName: "Accounts", Singular: "Account", NameField: "Account_Name", Duplicates: []string{"Account_Name"},
			Fields: common(
				must(text("Account_Name", "Account Name", 200)), Field{APIName: "Phone", Label: "Phone", Type: Phone, Length: 30},
				Field{APIName: "Website", Label: "Website", Type: Website, Length: 255}, pick("Industry", "Industry"),
				Field{APIName: "Employees", Label: "Employees", Type: Integer},
				Field{APIName: "Annual_Revenue", Label: "Annual Revenue", Type: Currency},
			),
		},
		{
			APIName: "Contacts", Singular: "Contact", NameField: "Last_Name", Duplicates: []string{"Email"},
			Fields: common(
				text("First_Name", "First Name", 40), must(text("Last_Name", "Last Name", 80)), fullName(),
				Field{APIName: "Email", Label: "Email", Type: Email, Length: 100},
				Field{APIName: "Phone", Label: "Phone", Type: Phone, Length: 30},
				Field{APIName: "Account_Name", Label: "Account Name", Type: Lookup, Module: "Accounts"},
				Field{APIName: "Date_of_Birth", Label: "Date of Birth", Type: Date},
			),
		},
		{
			APIName: "Deals", Singular: "Deal", NameField: "Deal_Name", Duplicates: []string{"Deal_Name"},
			Fields: common(
				must(text("Deal_Name", "Deal Name", 120)), must(pick("Stage", "Stage")),
				Field{APIName: "Amount", Label: "Amount", Type: Currency},
				Field{APIName: "Closing_Date", Label: "Closing Date", Type: Date},
				Field{APIName: "Account_Name", Label: "Account Name", Type: Lookup, Module: "Accounts"},
				Field{APIName: "Contact_Name", Label: "Contact Name", Type: Lookup, Module: "Contacts"},
			),
		},
	}
}

// common adds the fields that all modules share.
func common(own ...Field) []Field {
	return append(own,
		Field{APIName: "Description", Label: "Description", Type: TextArea, Length: 32_000},
		Field{APIName: "External_Key", Label: "External Key", Type: Text, Length: 100, Unique: true},
		Field{APIName: "Owner", Label: "Owner", Type: Owner},
		Field{APIName: "Created_By", Label: "Created By", Type: Owner, ReadOnly: true},
		Field{APIName: "Modified_By", Label: "Modified By", Type: Owner, ReadOnly: true},
		Field{APIName: "Created_Time", Label: "Created Time", Type: DateTime, ReadOnly: true},
		Field{APIName: "Modified_Time", Label: "Modified Time", Type: DateTime, ReadOnly: true},
	)
}

func text(name, label string, length int) Field {
	return Field{APIName: name, Label: label, Type: Text, Length: length}
}

func pick(name, label string) Field {
	return Field{APIName: name, Label: label, Type: Picklist, Length: 120}
}

func must(f Field) Field {
	f.Mandatory = true
	return f
}

func fullName() Field {
	return Field{APIName: "Full_Name", Label: "Full Name", Type: Text, Length: 120, ReadOnly: true}
}

// JSON is the JSON type of the data type's values, as field metadata names it.
func (t Type) JSON() string {
	switch t {
	case Integer:
		return "integer"
	case Currency:
		return "double"
	case Boolean:
		return "boolean"
	case Lookup, Owner:
		return "jsonobject"
	}
	return "string"
}
