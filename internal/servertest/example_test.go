package servertest_test

import (
	"fmt"

	"zohocrm/internal/servertest"
)

func ExampleMySQLDSN() {
	dsn, err := servertest.MySQLDSN("mysql://root:pw@127.0.0.1:33060/zohooauth")
	fmt.Println(dsn, err)
	// Output: root:pw@tcp(127.0.0.1:33060)/zohooauth <nil>
}
