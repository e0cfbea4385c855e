package crm_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
)

// answers is a CRM that gives one answer for each method and path, for the examples.
func answers(all map[string]string) (*crm.Client, func()) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		text, ok := all[r.Method+" "+r.URL.Path]
		switch {
		case !ok:
			w.WriteHeader(http.StatusNoContent)
			return
		case strings.HasPrefix(text, "PK"):
			w.Header().Set("Content-Disposition", `attachment; filename="result.zip"`)
		case strings.HasPrefix(text, `{"code"`):
			w.WriteHeader(http.StatusBadRequest)
		}
		io.WriteString(w, text)
	}))
	here, err := dc.Custom(server.URL, "")
	if err != nil {
		panic(err)
	}
	token := oauth.Token{AccessToken: oauth.NewSecret("1000.example"), APIDomain: server.URL}
	client, err := crm.New(crm.Config{Source: oauth.StaticSource(token), Directory: dc.Zoho().With(here)})
	if err != nil {
		panic(err)
	}
	return client, func() { client.Close(); server.Close() }
}

func ExampleTable() {
	client, end := answers(map[string]string{
		"GET /crm/v8/Leads": `{"data":[{"Last_Name":"Bach","Closing":"2026-01-31","Revenue":12.5,"id":"1001"},{"Last_Name":"Berg","Closing":null,"Revenue":null,"id":"1002"}],"info":{"more_records":false}}`,
	})
	defer end()
	type Lead struct {
		ID       string   `json:"id,omitempty"`
		LastName string   `json:"Last_Name"`
		Revenue  float64  `json:"Revenue,omitempty"`
		Closing  crm.Date `json:"Closing,omitzero"`
	}
	leads, err := crm.TableOf[Lead](client, "Leads")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(leads.Fields())
	for lead, err := range leads.List(context.Background(), nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(lead.ID, lead.LastName, lead.Revenue, lead.Closing.IsZero())
	}
	// Output:
	// [Last_Name Revenue Closing]
	// 1001 Bach 12.5 false
	// 1002 Berg 0 true
}

func ExampleSelect_COQL() {
	q := crm.Select{
		Columns: []string{"Last_Name", "Account_Name.Phone as Phone"},
		From:    "Contacts",
		Where:   crm.And(crm.Equal("Last_Name", "O'Brien' or id is not null --"), crm.GreaterEqual("Annual_Revenue", 1000)),
		OrderBy: []string{"Last_Name desc"},
		Limit:   10,
	}
	fmt.Println(q.COQL())
	q.From = "Contacts where id is not null"
	_, err := q.COQL()
	fmt.Println(err)
	// Output:
	// select Last_Name, Account_Name.Phone as Phone from Contacts where (Last_Name = 'O''Brien'' or id is not null --' and Annual_Revenue >= 1000) order by Last_Name desc limit 10 offset 0 <nil>
	// crm: Select.From: "Contacts where id is not null" is not the API name of a module
}

func ExampleQueryService_Rows() {
	client, end := answers(map[string]string{
		"POST /crm/v8/coql": `{"code":"SYNTAX_ERROR","details":{"near":"form","line":1,"column":18},"message":"error occured while parsing the query","status":"error"}`,
	})
	defer end()
	for _, err := range client.Query.Rows(context.Background(), "select Last_Name form Leads") {
		fmt.Println(err)
	}
	// Output:
	// POST /crm/v8/coql: 400 SYNTAX_ERROR: error occured while parsing the query: near form, line 1, column 18: the query is not valid: correct it there
}

func ExampleRecordsService_Search() {
	client, end := answers(map[string]string{
		"GET /crm/v8/Leads/search": `{"data":[{"id":"1001","Last_Name":"Bach (the old)"}],"info":{"more_records":false}}`,
	})
	defer end()
	where := crm.And(crm.StartsWith("Last_Name", "Bach (the"), crm.In("City", "Leipzig", "Köthen, Anhalt"))
	for lead, err := range client.Records.Search(context.Background(), "Leads", &crm.SearchOptions{Where: where}) {
		fmt.Println(lead.Text("Last_Name"), err)
	}
	// Output: Bach (the old) <nil>
}

func ExampleMetadataService_Fields() {
	client, end := answers(map[string]string{
		"GET /crm/v8/settings/fields": `{"fields":[{"api_name":"Last_Name","data_type":"text","length":80,"system_mandatory":true},` +
			`{"api_name":"Lead_Status","data_type":"picklist","pick_list_values":[{"actual_value":"Open"},{"actual_value":"Lost"}]}]}`,
	})
	defer end()
	fields, err := client.Metadata.Fields(context.Background(), "Leads")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range fields {
		fmt.Println(f.APIName, f.DataType, f.Mandatory, len(f.Values))
	}
	// Output:
	// Last_Name text true 0
	// Lead_Status picklist false 2
}

func ExampleAttachmentsService_Upload() {
	client, end := answers(map[string]string{
		"POST /crm/v8/Leads/1001/Attachments": `{"data":[{"code":"SUCCESS","details":{"id":"5001"},"message":"attachment uploaded successfully","status":"success"}]}`,
	})
	defer end()
	result, err := client.Attachments.Upload(context.Background(), "Leads", "1001", crm.File{Name: "score.pdf", Body: strings.NewReader("%PDF")})
	fmt.Println(result.ID, err)
	// Output: 5001 <nil>
}

func ExampleBulkService_Export() {
	const job = `{"data":[{"id":"77","state":"COMPLETED","status":"success","details":{"id":"77","state":"ADDED"},"result":{"count":2,"more_records":false}}]}`
	client, end := answers(map[string]string{
		"POST /crm/bulk/v8/read":          job,
		"GET /crm/bulk/v8/read/77":        job,
		"GET /crm/bulk/v8/read/77/result": zipText("77.csv", "Id,Last_Name\n1001,Bach\n1002,Berg\n"),
	})
	defer end()
	query := crm.ReadQuery{Module: "Leads", Fields: []string{"Last_Name"}}
	for row, err := range client.Bulk.Export(context.Background(), query, &crm.WaitOptions{First: 1}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(row.ID(), row.Text("Last_Name"))
	}
	// Output:
	// 1001 Bach
	// 1002 Berg
}

func ExampleCompositeService_Run() {
	client, end := answers(map[string]string{
		"POST /crm/v8/__composite_requests": `{"__composite_requests":[` +
			`{"code":"SUCCESS","status":"success","message":"","details":{"response":{"status_code":200,"headers":{},"body":{"count":7}}}},` +
			`{"code":"SUCCESS","status":"success","message":"","details":{"response":{"status_code":400,"headers":{},"body":{"code":"INVALID_MODULE","message":"no such module","status":"error","details":{}}}}}]}`,
	})
	defer end()
	list, err := client.Composite.Run(context.Background(), []crm.SubRequest{
		{ID: "a", Method: "GET", Path: "/crm/v8/Leads/actions/count"}, {ID: "b", Method: "GET", Path: "/crm/v8/Laeds/actions/count"},
	}, nil)
	fmt.Println(list[0].Status, list[0].Body.Text("count"))
	fmt.Println(err)
	// Output:
	// 200 7
	// 1 of 2 records failed: record 1: GET /crm/v8/Laeds/actions/count: 400 INVALID_MODULE: no such module: not found: check module and ID
}

func ExampleNewNotifyHandler() {
	secrets := map[string]oauth.Secret{"1000000068001": oauth.NewSecret("open sesame")}
	handler, err := crm.NewNotifyHandler(crm.NotifyConfig{
		Token: func(channel string) oauth.Secret { return secrets[channel] },
		Handle: func(_ context.Context, n crm.Notification) error {
			fmt.Println(n.Module, n.Operation, n.IDs)
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, token := range []string{"open sesame", "open barley"} {
		body := `{"channel_id":"1000000068001","module":"Leads","operation":"insert","ids":["1001"],"token":"` + token + `"}`
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("POST", "/notify", bytes.NewReader([]byte(body))))
		fmt.Println(w.Code)
	}
	// Output:
	// Leads insert [1001]
	// 200
	// 403
}

func ExampleNewLimiter() {
	// The clients of all users of one organisation share a Limiter.
	limiter := crm.NewLimiter(crm.LimiterConfig{Edition: crm.Enterprise})
	for _, user := range []string{"alice", "bob"} {
		token := oauth.Token{AccessToken: oauth.NewSecret("1000." + user), APIDomain: "https://www.zohoapis.eu"}
		client, err := crm.New(crm.Config{Source: oauth.StaticSource(token), Limiter: limiter})
		if err != nil {
			fmt.Println(err)
			return
		}
		defer client.Close()
	}
	fmt.Println("at most 20 calls at once, 10 of them heavy")
	// Output: at most 20 calls at once, 10 of them heavy
}
