package crm

import (
	"context"
	"net/http"
)

// Conversion says what becomes of a lead. The zero value makes a contact, and an
// account if the lead names a company.
type Conversion struct {
	// AccountID and ContactID are records to use instead of new ones. "": new.
	AccountID, ContactID string
	// Deal is a deal to make too: anything that marshals to a JSON object of
	// its fields, such as Deal_Name, Closing_Date and Stage. nil: none.
	Deal any
	// AssignTo is the ID of the user who gets the new records. "": the lead's owner.
	AssignTo string
	// Overwrite lets the lead's values win over those of AccountID and ContactID.
	Overwrite bool
	// NotifyLeadOwner and NotifyNewOwner send mail to them.
	NotifyLeadOwner, NotifyNewOwner bool
	// MoveAttachmentsTo is the module that gets the lead's attachments:
	// Contacts, Accounts or Deals, by API name. "": Zoho decides.
	MoveAttachmentsTo string
	// CarryOverTags names the lead's tags that each module's record gets. nil: none.
	CarryOverTags map[string][]string
	// Extra are further members of the request. They lose against the fields above.
	Extra map[string]any
}

// Converted are the records that a lead became. A zero Named: none.
type Converted struct {
	Account, Contact, Deal Named
	Details                Record // all that Zoho says of them
}

// Convert makes a lead into a contact, an account and a deal. It costs five
// credits. A lead that was converted before is the error code ID_ALREADY_CONVERTED.
//
// POST /crm/v8/Leads/{id}/actions/convert, scope ZohoCRM.modules.leads.CREATE (Zoho: convert-lead).
func (s *LeadsService) Convert(ctx context.Context, id string, conversion Conversion) (*Converted, error) {
	path, err := recordsPath("Leads", id, "actions", "convert")
	if err != nil {
		return nil, err
	}
	result, err := s.client.writeOne(ctx, Request{Method: http.MethodPost, Path: path, Body: conversion.body()}, "data")
	if err != nil {
		return nil, err
	}
	details := Record{result.Details}
	return &Converted{
		Account: named(details.Sub("Accounts")), Contact: named(details.Sub("Contacts")), Deal: named(details.Sub("Deals")), Details: details,
	}, nil
}

// ConversionOptions tells which contacts, accounts and deals a lead could be
// converted into, and which modules a choice must be made for, as Zoho sends it.
//
// GET /crm/v8/Leads/{id}/__conversion_options, scope ZohoCRM.modules.leads.READ (Zoho: lead-conversion-options).
func (s *LeadsService) ConversionOptions(ctx context.Context, id string) (Record, error) {
	path, err := recordsPath("Leads", id, "__conversion_options")
	if err != nil {
		return Record{}, err
	}
	var answer Record
	if _, err := s.client.read(ctx, Request{Path: path}, &answer); err != nil {
		return Record{}, err
	}
	options := answer.Sub("__conversion_options")
	if options.IsZero() {
		return Record{}, nothing(path)
	}
	return options, nil
}

func (v Conversion) body() map[string]any {
	lead := map[string]any{}
	for name, value := range v.Extra {
		lead[name] = value
	}
	for name, id := range map[string]string{"Accounts": v.AccountID, "Contacts": v.ContactID, "assign_to": v.AssignTo} {
		if id != "" {
			lead[name] = map[string]string{"id": id}
		}
	}
	for name, yes := range map[string]bool{"overwrite": v.Overwrite, "notify_lead_owner": v.NotifyLeadOwner, "notify_new_entity_owner": v.NotifyNewOwner} {
		if yes {
			lead[name] = true
		}
	}
	if v.Deal != nil {
		lead["Deals"] = v.Deal
	}
	if v.MoveAttachmentsTo != "" {
		lead["move_attachments_to"] = map[string]string{"api_name": v.MoveAttachmentsTo}
	}
	if v.CarryOverTags != nil {
		lead["carry_over_tags"] = v.CarryOverTags
	}
	return map[string]any{"data": []any{lead}}
}
