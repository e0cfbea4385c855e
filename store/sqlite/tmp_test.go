package sqlite_test
import ("testing";"context";"database/sql";"zohocrm/oauth")
func BenchmarkTmp(b *testing.B){
 ctx,c:=context.WithCancel(context.Background()); defer c()
 o:=filledStore(b,false); save(b,o,user(benchUser(0)))
 for i:=range benchRows { o.Find(ctx,oauth.Token{UserName:benchUser(i)})}
 bare:=bareFind(b,ctx,o.db)
 cols:=`id, user_name, client_id, client_secret, refresh_token, access_token, grant_token, expiry_time, redirect_url, api_domain`
 q:=func(text string, n int, twice bool) func(i int) {
  st,err:=o.db.Prepare(text); if err!=nil{b.Fatal(err)}
  return func(i int){
   rows,err:=st.QueryContext(ctx,benchUser(i)); if err!=nil{b.Fatal(err)}
   var v [11]sql.NullString
   d:=[]any{&v[0],&v[1],&v[2],&v[3],&v[4],&v[5],&v[6],&v[7],&v[8],&v[9],&v[10]}[:n]
   for rows.Next(){ if err:=rows.Scan(d...);err!=nil{b.Fatal(err)}; if !twice{break}}
   rows.Close()
  }
 }
 ch:=`, (SELECT m.changes FROM oauthtoken_zcrm m WHERE m.side_key = 'meta')`
 b.Run("bare",func(b *testing.B){compare(b,bare,bare)})
 b.Run("once",func(b *testing.B){compare(b,bare,q("SELECT "+cols+" FROM oauthtoken WHERE user_name = ?",10,false))})
 b.Run("twice",func(b *testing.B){compare(b,bare,q("SELECT "+cols+" FROM oauthtoken WHERE user_name = ?",10,true))})
 b.Run("changes",func(b *testing.B){compare(b,bare,q("SELECT "+cols+ch+" FROM oauthtoken WHERE user_name = ?",11,true))})
 b.Run("changes-alias",func(b *testing.B){compare(b,bare,q("SELECT t.id, t.user_name, t.client_id, t.client_secret, t.refresh_token, t.access_token, t.grant_token, t.expiry_time, t.redirect_url, t.api_domain"+ch+" FROM oauthtoken t WHERE t.user_name = ?",11,true))})
 co:="t.id"
 for _,c:=range oauth.Columns()[1:] { co+=", COALESCE(t."+c+", '')" }
 b.Run("coalesce",func(b *testing.B){compare(b,bare,q("SELECT "+co+ch+" FROM oauthtoken t WHERE t.user_name = ?",11,true))})
 co="+t.id"
 for _,c:=range oauth.Columns()[1:] { co+=", +t."+c }
 b.Run("unary",func(b *testing.B){compare(b,bare,q("SELECT "+co+ch+" FROM oauthtoken t WHERE t.user_name = ?",11,true))})
 co="+t.id"
 for i,c:=range oauth.Columns()[1:] { co+=", +t."+c+" AS "+string(rune('a'+i)) }
 b.Run("unary-as",func(b *testing.B){compare(b,bare,q("SELECT "+co+ch+" AS n FROM oauthtoken t WHERE t.user_name = ?",11,true))})
 b.Run("find",func(b *testing.B){compare(b,bare,func(i int){o.Find(ctx,oauth.Token{UserName:benchUser(i)})})})
 b.Run("find-one",func(b *testing.B){compare(b,bare,func(i int){o.Find(ctx,oauth.Token{UserName:benchUser(0)})})})
}
