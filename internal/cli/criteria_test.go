package cli

import (
	"reflect"
	"testing"

	"zohocrm/crm"
)

func TestCriteriaAreRead(t *testing.T) {
	city, email := crm.Equal("City", "Berlin"), crm.StartsWith("Email", "a")
	for text, want := range map[string]crm.Condition{
		`(City:equals:Berlin)`:                                                   city,
		`((City:equals:Berlin))`:                                                 city,
		`((City:equals:Berlin)and(Email:starts_with:a))`:                         crm.And(city, email),
		`((City:equals:Berlin) OR (Email:starts_with:a))`:                        crm.Or(city, email),
		`(((City:equals:Berlin)and(Email:starts_with:a))or(City:equals:Berlin))`: crm.Or(crm.And(city, email), city),
		`(City:equals:a:b)`:                                                      crm.Equal("City", "a:b"),
		`(City:equals:a, b)`:                                                     crm.Equal("City", "a, b"),
		`(City:equals:\(x\)\\)`:                                                  crm.Equal("City", `(x)\`),
		`(City:in:a,b\,c)`:                                                       crm.In("City", "a", "b,c"),
		`(Amount:between:1,2)`:                                                   crm.Between("Amount", "1", "2"),
		`(Amount:greater_equal:1)`:                                               crm.GreaterEqual("Amount", "1"),
		` ( Amount : less_than :1) `:                                             crm.Less("Amount", "1"),
		`(Name:not_equal:Ä or (none)`:                                            {},
		`(City:equals:Berlin`:                                                    {},
		`((City:equals:Berlin)`:                                                  {},
		`((City:equals:Berlin)xor(City:equals:Berlin))`:                          {},
		`(City:equals:Berlin)(City:equals:Berlin)`:                               {},
		`(City:sounds_like:Berlin)`:                                              {},
		`(City)`:                                                                 {},
		`()`:                                                                     {},
		`(City:equals:x)) or (1:1`:                                               {},
	} {
		got, err := parseCriteria(text)
		if (err != nil) != want.IsZero() || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	deep := ""
	for range 1000 {
		deep += "("
	}
	if _, err := parseCriteria(deep); err == nil {
		t.Error("a thousand brackets are taken")
	}
}
