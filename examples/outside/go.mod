module example.com/outside

go 1.26.0

require zohocrm v0.0.0

require (
	github.com/gofrs/flock v0.13.1 // indirect
	github.com/natefinch/atomic v1.0.1 // indirect
	golang.org/x/oauth2 v0.37.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace zohocrm => ../..
