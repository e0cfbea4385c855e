package crm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
)

// example is a CRM with two leads, for the examples.
func example() (*crm.Client, func()) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + r.URL.Path {
		case "GET/crm/v8/Leads":
			io.WriteString(w, `{"data":[{"id":"1001","Last_Name":"Bach","Revenue":12345678901234567890.10},{"id":"1002","Last_Name":"Berg"}],"info":{"more_records":false}}`)
		case "POST/crm/v8/Leads":
			w.WriteHeader(http.StatusMultiStatus)
			io.WriteString(w, `{"data":[{"code":"SUCCESS","status":"success","message":"record added","details":{"id":"1003"}},`+
				`{"code":"DUPLICATE_DATA","status":"error","message":"duplicate data","details":{"api_name":"Email"}}]}`)
		case "GET/crm/v8/settings/modules":
			io.WriteString(w, `{"modules":[{"api_name":"Leads"},{"api_name":"Contacts"}]}`)
		}
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

func Example() {
	client, end := example()
	defer end()
	for record, err := range client.Records.List(context.Background(), "Leads", &crm.ListOptions{Fields: []string{"Last_Name", "Revenue"}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(record.ID(), record.Text("Last_Name"), record.Text("Revenue"))
	}
	// Output:
	// 1001 Bach 12345678901234567890.10
	// 1002 Berg
}

func ExampleRecordsService_Insert() {
	client, end := example()
	defer end()
	type Lead struct {
		LastName string `json:"Last_Name"`
		Email    string `json:"Email"`
	}
	results, err := client.Records.Insert(context.Background(), "Leads", []Lead{{"Brahms", "j@example.org"}, {"Bruckner", "j@example.org"}}, nil)
	for i, r := range results {
		fmt.Println(i, r.ID, r.Code)
	}
	fmt.Println(errors.Is(err, crm.ErrDuplicate), err)
	// Output:
	// 0 1003 SUCCESS
	// 1  DUPLICATE_DATA
	// true 1 of 2 records failed: record 1: POST /crm/v8/Leads: 207 DUPLICATE_DATA: duplicate data: Email: another record has this value: update that one, or use Upsert
}

func ExampleClient_Do() {
	client, end := example()
	defer end()
	var answer struct {
		Modules []struct {
			Name string `json:"api_name"`
		}
	}
	resp, err := client.Do(context.Background(), crm.Request{Path: "/crm/v8/settings/modules"}, &answer)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.Status, answer.Modules)
	// Output: 200 [{Leads} {Contacts}]
}
