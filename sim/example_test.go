package sim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"zohocrm/sim"
)

// The life of a token: a grant code, its exchange, a call, and the end of the
// access token an hour later.
func Example() {
	s := sim.New(sim.Config{})
	web := httptest.NewServer(s)
	defer web.Close()
	defer s.Close() // before web.Close, so that nothing hangs

	code, err := s.Grant(sim.GrantRequest{User: "alice"})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := http.PostForm(web.URL+"/oauth/v2/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"1000.SIM"}, "client_secret": {"sim"}, "code": {code},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	var token struct {
		AccessToken string `json:"access_token"`
		APIDomain   string `json:"api_domain"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.NewDecoder(res.Body).Decode(&token); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("lives for", token.ExpiresIn, "seconds")

	call := func() {
		req, _ := http.NewRequest(http.MethodGet, token.APIDomain+"/crm/v8/users?type=CurrentUser", nil)
		req.Header.Set("Authorization", "Zoho-oauthtoken "+token.AccessToken)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer res.Body.Close()
		var body struct {
			Users []struct{ Email string }
			Code  string
		}
		if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(res.StatusCode, body.Code, body.Users)
	}
	call()
	s.Advance(time.Hour)
	call()
	fmt.Println("exchanges:", s.Counters().Exchanges)
	// Output:
	// lives for 3600 seconds
	// 200  [{alice@example.com}]
	// 401 INVALID_TOKEN []
	// exchanges: 1
}
