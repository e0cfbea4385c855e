package postgres_test
import ("testing";"context";"zohocrm/store/postgres")
func TestZZ(t *testing.T){ location := newURL(t); _, as := account(t, location); _, err := openAt(context.Background(), as, postgres.Config{}); t.Log(err) }
