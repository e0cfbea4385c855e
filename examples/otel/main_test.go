package main

func Example() {
	main()
	// Output:
	// zohocrm.token.events{kind=claim} 2
	// zohocrm.token.events{kind=lease} 2
	// zohocrm.token.events{kind=login} 1
	// zohocrm.token.events{kind=mint} 2
	// zohocrm.token.events{kind=saved} 2
	// zohocrm.token.events{kind=save} 2
	// zohocrm.token.events{kind=send} 2
}
