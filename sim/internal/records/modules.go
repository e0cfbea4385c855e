package records

// Modules are the modules every organisation has, with the fields that Zoho
// gives them (a selection) and one unique custom field, External_Key.
func Modules() []Module {
	return []Module{
		leads(), accounts(), contacts(), deals(), campaigns(), products(), quotes(), tasks(), events(), calls(), notes(),
	}
}

func leads() Module {
	return Module{
		APIName: "Leads", Singular: "Lead", NameField: "Last_Name", Duplicates: []string{"Email"},
		Fields: common(
			text("First_Name", "First Name", 40), must(text("Last_Name", "Last Name", 80)), fullName(),
			text("Company", "Company", 100), email("Email", "Email"), phone("Phone", "Phone"),
			pick("Lead_Source", "Lead Source", "Web", "Advertisement", "Cold Call", "Trade Show", "Partner"),
			pick("Lead_Status", "Lead Status", "Not Contacted", "Contacted", "Qualified", "Lost Lead"),
			Field{APIName: "No_of_Employees", Label: "No. of Employees", Type: Integer},
			Field{APIName: "Annual_Revenue", Label: "Annual Revenue", Type: Currency},
			Field{APIName: "Email_Opt_Out", Label: "Email Opt Out", Type: Boolean},
			text("Designation", "Title", 100), phone("Mobile", "Mobile"), website(),
			pick("Industry", "Industry", "Services", "Technology", "Retail", "Manufacturing"),
			pick("Rating", "Rating", "Acquired", "Active", "Market Failed", "Shut Down"),
			text("Street", "Street", 250), text("City", "City", 100), text("State", "State", 100),
			text("Zip_Code", "Zip Code", 30), text("Country", "Country", 100), email("Secondary_Email", "Secondary Email"),
		),
		Related: related(
			Related{APIName: "Products", Label: "Products", Module: "Products"},
			Related{APIName: "Campaigns", Label: "Campaigns", Module: "Campaigns"},
		),
	}
}

func accounts() Module {
	return Module{
		APIName: "Accounts", Singular: "Account", NameField: "Account_Name", Duplicates: []string{"Account_Name"},
		Fields: common(
			must(text("Account_Name", "Account Name", 200)), phone("Phone", "Phone"), website(),
			pick("Industry", "Industry", "Services", "Technology", "Retail", "Manufacturing"),
			Field{APIName: "Employees", Label: "Employees", Type: Integer},
			Field{APIName: "Annual_Revenue", Label: "Annual Revenue", Type: Currency},
			lookup("Parent_Account", "Parent Account", "Accounts"),
			text("Billing_City", "Billing City", 100), text("Billing_Country", "Billing Country", 100),
		),
		Related: related(
			Related{APIName: "Contacts", Label: "Contacts", Module: "Contacts", Field: "Account_Name"},
			Related{APIName: "Deals", Label: "Deals", Module: "Deals", Field: "Account_Name"},
			Related{APIName: "Child_Accounts", Label: "Member Accounts", Module: "Accounts", Field: "Parent_Account"},
			Related{APIName: "Products", Label: "Products", Module: "Products"},
		),
	}
}

func contacts() Module {
	return Module{
		APIName: "Contacts", Singular: "Contact", NameField: "Last_Name", Duplicates: []string{"Email"},
		Fields: common(
			text("First_Name", "First Name", 40), must(text("Last_Name", "Last Name", 80)), fullName(),
			email("Email", "Email"), phone("Phone", "Phone"), phone("Mobile", "Mobile"),
			lookup("Account_Name", "Account Name", "Accounts"),
			Field{APIName: "Date_of_Birth", Label: "Date of Birth", Type: Date},
			text("Title", "Title", 100), text("Department", "Department", 50), text("Mailing_City", "Mailing City", 100),
			pick("Lead_Source", "Lead Source", "Web", "Advertisement", "Cold Call", "Trade Show", "Partner"),
			Field{APIName: "Email_Opt_Out", Label: "Email Opt Out", Type: Boolean},
			lookup("Reporting_To", "Reporting To", "Contacts"),
		),
		Related: related(
			Related{APIName: "Deals", Label: "Deals", Module: "Deals", Field: "Contact_Name"},
			Related{APIName: "Products", Label: "Products", Module: "Products"},
			Related{APIName: "Campaigns", Label: "Campaigns", Module: "Campaigns"},
		),
	}
}

func deals() Module {
	return Module{
		APIName: "Deals", Singular: "Deal", NameField: "Deal_Name", Duplicates: []string{"Deal_Name"},
		Fields: common(
			must(text("Deal_Name", "Deal Name", 120)),
			must(pick("Stage", "Stage", "Qualification", "Needs Analysis", "Value Proposition", "Negotiation/Review", "Closed Won", "Closed Lost")),
			Field{APIName: "Amount", Label: "Amount", Type: Currency},
			Field{APIName: "Closing_Date", Label: "Closing Date", Type: Date},
			lookup("Account_Name", "Account Name", "Accounts"), lookup("Contact_Name", "Contact Name", "Contacts"),
			Field{APIName: "Probability", Label: "Probability (%)", Type: Integer},
			pick("Type", "Type", "New Business", "Existing Business"), text("Next_Step", "Next Step", 100),
			lookup("Campaign_Source", "Campaign Source", "Campaigns"),
		),
		Related: related(
			Related{APIName: "Products", Label: "Products", Module: "Products"},
			Related{APIName: "Contact_Roles", Label: "Contact Roles", Module: "Contacts"},
			Related{APIName: "Quotes", Label: "Quotes", Module: "Quotes", Field: "Deal_Name"},
		),
	}
}

func campaigns() Module {
	return Module{
		APIName: "Campaigns", Singular: "Campaign", NameField: "Campaign_Name",
		Fields: common(
			must(text("Campaign_Name", "Campaign Name", 200)), pick("Status", "Status", "Planning", "Active", "Inactive", "Complete"),
			pick("Type", "Type", "Conference", "Webinar", "Email"),
			Field{APIName: "Start_Date", Label: "Start Date", Type: Date},
			Field{APIName: "End_Date", Label: "End Date", Type: Date},
			Field{APIName: "Budgeted_Cost", Label: "Budgeted Cost", Type: Currency},
		),
		Related: related(
			Related{APIName: "Leads", Label: "Leads", Module: "Leads"},
			Related{APIName: "Contacts", Label: "Contacts", Module: "Contacts"},
		),
	}
}

func products() Module {
	return Module{
		APIName: "Products", Singular: "Product", NameField: "Product_Name", Duplicates: []string{"Product_Name"},
		Fields: common(
			must(text("Product_Name", "Product Name", 200)), text("Product_Code", "Product Code", 40),
			Field{APIName: "Product_Active", Label: "Product Active", Type: Boolean},
			Field{APIName: "Unit_Price", Label: "Unit Price", Type: Currency},
			Field{APIName: "Qty_in_Stock", Label: "Quantity in Stock", Type: Double},
			pick("Product_Category", "Product Category", "Hardware", "Software", "CRM Applications"),
		),
		Related: related(
			Related{APIName: "Leads", Label: "Leads", Module: "Leads"},
			Related{APIName: "Contacts", Label: "Contacts", Module: "Contacts"},
			Related{APIName: "Deals", Label: "Deals", Module: "Deals"},
		),
	}
}

func quotes() Module {
	return Module{
		APIName: "Quotes", Singular: "Quote", NameField: "Subject",
		Fields: common(
			must(text("Subject", "Subject", 100)), pick("Quote_Stage", "Quote Stage", "Draft", "Delivered", "Confirmed"),
			lookup("Account_Name", "Account Name", "Accounts"), lookup("Deal_Name", "Deal Name", "Deals"),
			Field{APIName: "Valid_Till", Label: "Valid Until", Type: Date},
			Field{APIName: "Terms_and_Conditions", Label: "Terms and Conditions", Type: TextArea, Length: 32_000, Rich: true},
			Field{APIName: "Quoted_Items", Label: "Quoted Items", Type: Subform, Sub: []Field{
				lookup("Product_Name", "Product Name", "Products"),
				{APIName: "Quantity", Label: "Quantity", Type: Double},
				{APIName: "List_Price", Label: "List Price", Type: Currency},
				{APIName: "Description", Label: "Description", Type: TextArea, Length: 2_000},
			}},
		),
		Related: related(),
	}
}
