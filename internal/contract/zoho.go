package contract

// zohoExceptions is the table of what is wrong, or old, in Zoho's OpenAPI files
// of 2025-06, and of what the simulator has nothing to say about.
func zohoExceptions() []exception {
	const (
		missing = "is missing$"
		sample  = "the pattern is that of a sample, and fits one address in a million"
		asked   = "its request is described by the schema of what is read, which demands what only Zoho can set"
		partial = "Zoho's page shows an answer without it: a list has less than one record"
		without = "there is no such thing at the simulator: it has no pages of its own to show"
	)
	return []exception{
		{"", "answer", ".*", "^Value is not nullable$", "Zoho sends null for whatever is empty; the files allow it in few places"},
		{"", "request", "/v2/crm/.*", "no operation", "Zoho names the place of a bulk write's result in its answer, on a path of no file (bulk-write/download-result)"},

		{"attachments", "request", "query ids", "required but missing", "demanded of the list, and Zoho's page has no such parameter there (get-attachments)"},
		{"attachments", "request", "query attachmentUrl", "required but missing", "demanded of every upload, though it is for links only (upload-attachment)"},
		{"attachments", "request", "", "a form, where no body is listed", "an upload is a form with a part called file (upload-attachment)"},
		{"attachments", "answer", "", "application/x-download", "the file lists images; Zoho sends any file as this type (download-attachments)"},
		{"record", "answer", "", "image/png", "it lists the type in a header and not as content (download-photo)"},

		{"record", "request", "data/\\d+/[^/]+", "not listed", "a record has the fields of its module, and not only those that all modules have"},
		{"record", "request", "header If-Unmodified-Since", "not listed", "a header of Zoho's page, and its error ALREADY_MODIFIED is listed (update-records)"},
		{"record", "request", "criteria/\\d+/value", "must be an object", "a text or number in Zoho's samples (mass-update-records)"},
		{"(fields|modules)", "request", "header If-Modified-Since", "not listed", "a header of Zoho's pages on metadata (field-meta, modules-api)"},

		{"bulk_read", "request", "query/(criteria|cvid|fields|file_type|page)", missing, "Zoho's page says that they are optional (bulk-read/create-job)"},
		{"bulk_read", "request", "query/module/id", missing, "api_name alone names a module (bulk-read/create-job)"},
		{"bulk_read", "request", "query/criteria(/group/\\d+)?/(type|field/id)", missing, "no sample of Zoho's has them (bulk-read/create-job)"},
		{"bulk_read", "request", "query/criteria(/group/\\d+)?/value", "must be an object", "texts, numbers and lists in all samples (bulk-read/create-job)"},
		{"bulk_read", "answer", "data/\\d+/query/.*", "missing$|must be an object", "it gives back the query of the request (bulk-read/get-job-details)"},
		{"bulk_write", "request", "resource/\\d+/module/id", missing, "api_name alone names a module (bulk-write/create-job)"},
		{"bulk_write", "answer", "resource/\\d+/module/id", missing, "it gives back what the request had (bulk-write/get-job-details)"},
		{"bulk_write", "answer", "details/(id|created_by)", missing, "the answer to an upload has file_id and created_time only (bulk-write/upload-file)"},
		{"bulk_write", "answer", "details/file_id", "must be an integer", "a text in Zoho's sample, as all IDs are (bulk-write/upload-file)"},

		{"composite_requests", "request", "__composite_requests/\\d+/(body|headers|params|sub_request_id)", missing, "Zoho's page says that they are optional (composite-overview)"},
		{"composite_requests", "request", "concurrent_execution", missing, "renamed parallel_execution, which is optional (composite-overview)"},
		{"bulk_write", "request", "resource/\\d+/field_mappings/\\d+/default_value/value", "must be an object", "a text or number in Zoho's samples (bulk-write/create-job)"},
		{"bulk_write", "answer", "message", "not one of the allowed values", "it lists samples, which name a field or module (bulk-write/create-job)"},

		{"composite_requests", "request", "rollback_on_fail", "not one of the allowed values", "true is what the member is for (composite-overview)"},
		{"composite_requests", "request", "parallel_execution", "not listed", "the new name of concurrent_execution"},

		{"fields", "answer", "fields/\\d+/(_update_existing_records|common.picklist|file_upolad_optionlist)", missing, "no field has them in Zoho's sample; the last is misspelled (field-meta)"},
		{"modules", "answer", "modules/\\d+/fields/\\d+/.*", missing, "the same, for the fields of a module"},
		{"modules", "answer", "modules/\\d+/(fields|layouts|related_lists)", missing, partial},
		{"modules", "answer", "modules/\\d+/(custom_view|default_mapping_fields|layout_associations)", missing, without},
		{"conversion_option", "answer", "__conversion_options/module_preference/.*", missing, "id and api_name in Zoho's sample (lead-conversion-options)"},
		{"layouts", "answer", "layouts/\\d+/sections/\\d+/(fields/\\d+/)?_delete", missing, "it is a mark of an update, and not of what is read (layouts-meta)"},
		{"layouts", "answer", "layouts/\\d+/sections/\\d+/fields/\\d+/\\S+", missing, "no field has them in Zoho's sample (layouts-meta)"},

		{"notes", "request", "data/\\d+/.*", missing, asked},
		{"notes", "request", "query ids", "required but missing", "demanded of the list of all notes, which Zoho's page does not (get-notes)"},
		{"notes", "answer", "data/\\d+/\\$\\w+", missing, without},
		{"notes", "answer", "data/\\d+/(Created|Modified)_By", missing, "only the fields that were asked for are sent (get-notes)"},
		{"notes", "answer", "data/\\d+/details/\\w+", missing, "a deleted note is told by its ID (delete-notes)"},
		{"tags", "request", "tags/\\d+/(id|color_code|created_by|created_time|modified_by|modified_time)", missing, asked},
		{"tags", "answer", "tags/\\d+/message", "not one of the allowed values", "the messages of create, update and delete; that of merge is left out (merge-tags)"},

		{"notifications", "(request|answer)", "watch/\\d+/channel_id", "must be an object", "a text of digits in all of Zoho's samples (notifications/enable)"},
		{"notifications", "(request|answer)", "watch/\\d+/notify_url", "regular expression", sample},
		{"users", "(request|answer)", "users/\\d+/email", "regular expression", sample},
		{"users", "answer", "users/\\d+/time_zone", "must be an object", "a text such as Europe/Lisbon in Zoho's samples (get-users)"},
		{"users", "request", "users/\\d+/(role|profile)", "must be an object", "the ID as a text in Zoho's samples (add-user)"},
	}
}
