package coql_test

import (
	"errors"
	"fmt"

	"zohocrm/sim/internal/coql"
)

func ExampleParse() {
	q, err := coql.Parse("select Last_Name from Leads where (Company like 'A%' and Email is not null) limit 20, 10")
	fmt.Println(q.Module, q.Where.Left.Condition.Values[0].Text, q.Offset, q.Limit, err)

	var wrong *coql.Error
	_, err = coql.Parse("select Last_Name form Leads")
	fmt.Println(errors.As(err, &wrong), wrong.Code, wrong.Details["near"], wrong.Details["column"])
	// Output:
	// Leads A% 20 10 <nil>
	// true SYNTAX_ERROR form 18
}
