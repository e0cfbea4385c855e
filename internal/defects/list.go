package main

// defect is one of an official SDK.
type defect struct {
	number int
	what   string // in one line
	whose  string
}

// defects are those of section 10 of the notes on interoperability, by number.
func defects() []defect {
	return []defect{
		{1, "The next ID is the greatest *text* plus one, and \"9\" is greater than \"10\": from the eleventh token on nothing can be saved, or token 10 is overwritten", "Python, Node, Ruby, C#; Java and PHP overwrite"},
		{2, "A lookup that is incomplete or finds nothing answers with the first row of the table: another user's token", "Java, Ruby, C#, PHP, Python's sample stores"},
		{3, "A file is read, cut to nothing and written without a lock: rows are lost, files are torn", "all"},
		{4, "The ID of a deleted token is given to the next user, whose token its old holder then uses", "all"},
		{5, "Save takes the row of the ID whatever the user: two users' rows are mixed", "all, in files"},
		{6, "Revoke works nowhere, and revokes another user's token", "all; Java and C# another user's"},
		{7, "SQL is put together as text: O'Brien cannot be saved, `' or id='2` is somebody else", "all; find and delete in Java, Ruby, the samples"},
		{8, "Values are taken for placeholders: a ? or %s in a redirect URL breaks the statement", "Node, Python"},
		{9, "Saving the same token again makes a second row, or empties the first", "Python, PHP, Ruby"},
		{10, "A user who is learned later is inserted under an ID that is taken", "Python and others"},
		{11, "Values are not escaped in files: a comma shifts columns, a quote makes the file unreadable to others, a backslash goes", "Node, PHP, C#, Java, Ruby"},
		{12, "The CR of another SDK's line ends becomes part of the last column, and with it the data centre is lost", "Node, then Ruby"},
		{13, "One odd row stops everything: an ID that is no number, a row that is too short", "Python, Java, C#"},
		{14, "A file that another program is just writing is taken for one without tokens", "all; Python even fails to start"},
		{15, "Saves of one process interleave: of ten at once one remains", "Node"},
		{16, "Each caller refreshes for itself, against a quota of ten in ten minutes", "all"},
		{17, "A Save that fails after the exchange is passed over in silence: the code is spent and the token lost", "Python"},
		{18, "Secrets lie in plain text in files that others can read, and go to the database without encryption", "all; TLS: Java, C#, PHP"},
		{19, "The name in the server's certificate is not compared, for tokens and for calls", "Java"},
		{20, "Errors quote SQL with the secrets in it, raw token answers, or parts of tokens, and so do logs", "PHP, Ruby, Java, C#, Python"},
		{21, "One user's settings are everybody's: environment and user are switched globally", "Node, PHP, Ruby"},
		{22, "Token requests have no time limit and no proxy, ignore the HTTP status and do not escape their form", "Python, Java, Node, PHP, C#"},
		{23, "The database decides which names are alike: case, accents and trailing spaces do not count", "all, on MySQL"},
		{24, "An empty table is made a second time and fails; an ID goes unquoted into a delete; a list gives the ID 1 twice", "Python's sample stores"},
		{25, "The file's header stands at its end, users stand in it twice, and the database store never works", "Ruby 1 and 2"},
		{26, "Texts that look like equal numbers are equal: ID 1 finds 1e0, user 0e456 finds 0e123", "PHP"},
	}
}
