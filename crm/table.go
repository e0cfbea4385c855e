package crm

import (
	"context"
	"fmt"
	"iter"
)

// Table is a module whose records are read and written as values of T, a struct
// with json tags:
//
//	type Lead struct {
//		ID       string     `json:"id,omitempty"`
//		LastName string     `json:"Last_Name"`
//		Company  string     `json:"Company,omitempty"`
//		Owner    crm.Record `json:"Owner,omitzero"`
//		Follow   crm.Date   `json:"Follow_Up,omitzero"`
//	}
//	leads, err := crm.TableOf[Lead](client, "Leads")
//
// The tags are json's and not of this package, because [RecordsService.Insert]
// and [Record.Decode] use them, and one struct then serves here, there and
// anywhere else. Fields that T does not have are not even asked for; where all
// of them are wanted, use [Record].
//
// Reading takes names exactly, a number or bool for a string, and a string for a
// number, a time.Time also from a date; null gives the zero value. Writing is
// json.Marshal: use [DateTime] and [Date] for times, which Zoho wants without
// fractions, and omitempty or omitzero for what shall not be written.
//
// A Table is safe for concurrent use. Make it with [TableOf].
type Table[T any] struct {
	client *Client
	module string
	plan   *plan
}

// TableOf looks at T once and returns its Table.
func TableOf[T any](c *Client, module string) (*Table[T], error) {
	p, err := planOf[T]()
	if err != nil {
		return nil, err
	}
	if _, err := recordsPath(module); err != nil {
		return nil, err
	}
	return &Table[T]{client: c, module: module, plan: p}, nil
}

// Fields are the API names of T's fields, without the ID, which is always there.
func (t *Table[T]) Fields() []string { return append([]string(nil), t.plan.asked...) }

// List is [RecordsService.List]; it asks for the fields of T unless opts does.
//
// GET /crm/v8/{module}, scope ZohoCRM.modules.READ (Zoho: get-records).
func (t *Table[T]) List(ctx context.Context, opts *ListOptions) iter.Seq2[T, error] {
	here := ListOptions{}
	if opts != nil {
		here = *opts
	}
	if here.Fields == nil {
		here.Fields = t.plan.asked
	}
	return t.values(t.client.Records.List(ctx, t.module, &here))
}

// Search is [RecordsService.Search]; it asks for the fields of T unless opts does.
//
// GET /crm/v8/{module}/search, scopes ZohoCRM.modules.READ and
// ZohoSearch.securesearch.READ (Zoho: search-records).
func (t *Table[T]) Search(ctx context.Context, opts *SearchOptions) iter.Seq2[T, error] {
	here := SearchOptions{}
	if opts != nil {
		here = *opts
	}
	if here.Fields == nil {
		here.Fields = t.plan.asked
	}
	return t.values(t.client.Records.Search(ctx, t.module, &here))
}

// Select is [QueryService.Select]; it takes the columns from T and the module
// from the Table unless q has them.
//
// POST /crm/v8/coql, scopes ZohoCRM.coql.READ, ZohoCRM.modules.READ and
// ZohoCRM.settings.fields.READ (Zoho: Get-Records-through-COQL-Query).
func (t *Table[T]) Select(ctx context.Context, q Select) iter.Seq2[T, error] {
	if q.Columns == nil {
		q.Columns = t.plan.asked
	}
	if q.From == "" {
		q.From = t.module
	}
	return t.values(t.client.Query.Select(ctx, q))
}

// Get is [RecordsService.Get].
//
// GET /crm/v8/{module}/{id}, scope ZohoCRM.modules.READ (Zoho: get-records).
func (t *Table[T]) Get(ctx context.Context, id string, opts *GetOptions) (T, error) {
	var value T
	here := GetOptions{}
	if opts != nil {
		here = *opts
	}
	if here.Fields == nil {
		here.Fields = t.plan.asked
	}
	record, err := t.client.Records.Get(ctx, t.module, id, &here)
	if err != nil {
		return value, err
	}
	return value, t.decode(record, &value)
}

// Insert is [RecordsService.Insert].
//
// POST /crm/v8/{module}, scope ZohoCRM.modules.CREATE (Zoho: insert-records).
func (t *Table[T]) Insert(ctx context.Context, records []T, opts *WriteOptions) ([]Result, error) {
	return t.client.Records.Insert(ctx, t.module, records, opts)
}

// Update is [RecordsService.Update].
//
// PUT /crm/v8/{module}, scope ZohoCRM.modules.UPDATE (Zoho: update-records).
func (t *Table[T]) Update(ctx context.Context, records []T, opts *WriteOptions) ([]Result, error) {
	return t.client.Records.Update(ctx, t.module, records, opts)
}

// Upsert is [RecordsService.Upsert].
//
// POST /crm/v8/{module}/upsert, scope ZohoCRM.modules.CREATE and .UPDATE (Zoho: upsert-records).
func (t *Table[T]) Upsert(ctx context.Context, records []T, opts *WriteOptions) ([]Result, error) {
	return t.client.Records.Upsert(ctx, t.module, records, opts)
}

// values reads records into T. One that does not fit is an error that names it,
// and the list goes on.
func (t *Table[T]) values(records iter.Seq2[Record, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		reader := t.plan.reader()
		for record, err := range records {
			var value T
			if err == nil {
				if err = reader.read(record, &value); err != nil {
					err = t.misfit(record, err)
				}
			}
			if !yield(value, err) {
				return
			}
		}
	}
}

func (t *Table[T]) decode(record Record, into *T) error {
	if err := t.plan.reader().read(record, into); err != nil {
		return t.misfit(record, err)
	}
	return nil
}

func (t *Table[T]) misfit(record Record, err error) error {
	return fmt.Errorf("crm: record %s of %s does not fit into %T: %w", oneLine(record.ID()), t.module, *new(T), err)
}
