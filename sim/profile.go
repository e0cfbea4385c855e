package sim

import "net/http"

// userInfo is GET /oauth/user/info, which needs the scope AaaServer.profile.READ.
func (s *Server) userInfo(c *call) {
	a, problem := s.access(c)
	if problem == nil {
		problem = need(a.Scope, "AaaServer.profile.READ")
	}
	if problem != nil {
		problem.write(c.w)
		return
	}
	p, _ := s.people.user(a.User)
	writeJSON(c.w, http.StatusOK, map[string]any{
		"ZUID":         p.ZUID,
		"Email":        p.Email,
		"First_Name":   p.FirstName,
		"Last_Name":    p.LastName,
		"Display_Name": p.FirstName + " " + p.LastName,
	})
}

// serverInfo is GET /oauth/serverinfo. China is run apart and is not in it
// (Zoho: multi-dc page).
func (s *Server) serverInfo(c *call) {
	locations := map[string]string{}
	for _, name := range s.people.locations {
		if name != "cn" {
			locations[name] = c.base(name)
		}
	}
	writeJSON(c.w, http.StatusOK, map[string]any{"result": "success", "locations": locations})
}
