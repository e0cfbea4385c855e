package mysql

// OpenAmong is [Open] with other sockets than [Sockets] to look for.
var OpenAmong = open
