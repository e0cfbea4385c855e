package interop

import "testing"

// Go and Node in one table, in each shape of it. One Node program does all of it:
// the SDK connects anew for everything that it does.
func TestInteropTable(t *testing.T) {
	t.Parallel()
	n := startNodeAt(t, fileShelf(t).at, "")
	for name, scene := range map[string]func(t *testing.T, s shelf, of shape, n node){
		"thirty-users": thirtyUsers, "thirty-users-begun-by-Go": thirtyUsersBegunByGo,
		"find-by-each-key": findByEachKey, "null-and-empty": nullAndEmpty, "deleted-by-the-other": deletedByTheOther,
	} {
		for _, of := range shapes() {
			t.Run(name+"/"+of.name, func(t *testing.T) {
				s := tableShelf(t, of.create)
				n.use(t, s.at)
				scene(t, s, of, n)
			})
		}
	}
}
