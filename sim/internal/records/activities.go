package records

func tasks() Module {
	return Module{
		APIName: "Tasks", Singular: "Task", NameField: "Subject",
		Fields: common(
			must(text("Subject", "Subject", 300)), Field{APIName: "Due_Date", Label: "Due Date", Type: Date},
			pick("Status", "Status", "Not Started", "Deferred", "In Progress", "Completed", "Waiting for input"),
			pick("Priority", "Priority", "High", "Highest", "Low", "Lowest", "Normal"),
			lookup("Who_Id", "Contact Name", "Contacts"), lookup("What_Id", "Related To", ""),
			Field{APIName: "Closed_Time", Label: "Closed Time", Type: DateTime, ReadOnly: true},
		),
		Related: related(),
	}
}

func events() Module {
	return Module{
		APIName: "Events", Singular: "Event", NameField: "Event_Title",
		Fields: common(
			must(text("Event_Title", "Title", 255)), text("Venue", "Location", 255),
			must(Field{APIName: "Start_DateTime", Label: "From", Type: DateTime}),
			must(Field{APIName: "End_DateTime", Label: "To", Type: DateTime}),
			Field{APIName: "All_day", Label: "All day", Type: Boolean},
			lookup("Who_Id", "Contact Name", "Contacts"), lookup("What_Id", "Related To", ""),
		),
		Related: related(),
	}
}

func calls() Module {
	return Module{
		APIName: "Calls", Singular: "Call", NameField: "Subject",
		Fields: common(
			must(text("Subject", "Subject", 250)), must(pick("Call_Type", "Call Type", "Outbound", "Inbound", "Missed")),
			Field{APIName: "Call_Start_Time", Label: "Call Start Time", Type: DateTime},
			text("Call_Duration", "Call Duration", 20), pick("Call_Purpose", "Call Purpose", "Prospecting", "Administrative", "Negotiation"),
			text("Call_Result", "Call Result", 255), lookup("Who_Id", "Contact Name", "Contacts"), lookup("What_Id", "Related To", ""),
		),
		Related: related(),
	}
}

// notes are records of their own; Parent_Id says what they belong to.
func notes() Module {
	return Module{
		APIName: "Notes", Singular: "Note", NameField: "Note_Title",
		Fields: append([]Field{
			text("Note_Title", "Note Title", 120), must(Field{APIName: "Note_Content", Label: "Note Content", Type: TextArea, Length: 32_000}),
			must(lookup("Parent_Id", "Parent ID", "")),
		}, people()...),
	}
}

// related adds the lists that all modules have.
func related(own ...Related) []Related {
	return append(own,
		Related{APIName: "Notes", Label: "Notes", Module: "Notes", Field: "Parent_Id"},
		Related{APIName: "Attachments", Label: "Attachments", Module: "Attachments"},
		Related{APIName: "Tasks", Label: "Open Activities", Module: "Tasks", Field: "What_Id"},
	)
}

// common adds the fields that all modules share.
func common(own ...Field) []Field {
	own = append(own,
		Field{APIName: "Description", Label: "Description", Type: TextArea, Length: 32_000},
		Field{APIName: "External_Key", Label: "External Key", Type: Text, Length: 100, Unique: true, Custom: true},
		Field{APIName: tagField, Label: "Tag", Type: Tags},
	)
	return append(own, people()...)
}

// people are the fields that say who and when.
func people() []Field {
	return []Field{
		{APIName: "Owner", Label: "Owner", Type: Owner},
		{APIName: "Created_By", Label: "Created By", Type: Owner, ReadOnly: true},
		{APIName: "Modified_By", Label: "Modified By", Type: Owner, ReadOnly: true},
		{APIName: createdField, Label: "Created Time", Type: DateTime, ReadOnly: true},
		{APIName: modifiedField, Label: "Modified Time", Type: DateTime, ReadOnly: true},
	}
}

func text(name, label string, length int) Field {
	return Field{APIName: name, Label: label, Type: Text, Length: length}
}

func pick(name, label string, values ...string) Field {
	return Field{APIName: name, Label: label, Type: Picklist, Length: 120, Picks: values}
}

func email(name, label string) Field {
	return Field{APIName: name, Label: label, Type: Email, Length: 100}
}

func phone(name, label string) Field {
	return Field{APIName: name, Label: label, Type: Phone, Length: 30}
}

func website() Field {
	return Field{APIName: "Website", Label: "Website", Type: Website, Length: 255}
}

func lookup(name, label, module string) Field {
	return Field{APIName: name, Label: label, Type: Lookup, Module: module}
}

func must(f Field) Field {
	f.Mandatory = true
	return f
}

func fullName() Field {
	return Field{APIName: fullNameField, Label: "Full Name", Type: Text, Length: 120, ReadOnly: true}
}
