package storm

// Point is a named moment of a refresh, at which a worker can be stopped for good.
type Point string

// The points, in the order in which a refresh passes them. All but DuringSave are
// exact: the worker waits there to be killed.
const (
	BeforeLease Point = "before-lease"
	AfterLease  Point = "after-lease"
	BeforePost  Point = "before-post"
	AfterPost   Point = "after-post"
	BeforeSave  Point = "before-save"
	DuringSave  Point = "during-save"
	AfterSave   Point = "after-save"
)

// Points are all of them.
func Points() []Point {
	return []Point{BeforeLease, AfterLease, BeforePost, AfterPost, BeforeSave, DuringSave, AfterSave}
}

// setup is the first line that a worker reads.
type setup struct {
	Store      string `json:"store"`
	Password   string `json:"password,omitzero"` // of the store, if its URL has none
	Keys       string `json:"keys,omitzero"`
	Simulator  string `json:"simulator"`
	User       string `json:"user"`
	Goroutines int    `json:"goroutines"`
	LeaseMilli int64  `json:"lease_ms"`
	SkewMilli  int64  `json:"skew_ms,omitzero"` // by how much this worker's clock is wrong
}

// order is every further line that a worker reads.
type order struct {
	Round  int   `json:"round,omitzero"` // a new round begins: every goroutine fetches a token
	Offset int64 `json:"offset_ms"`      // how far the simulator's clock is ahead
	Stop   Point `json:"stop,omitzero"`  // where to report and wait in this round
	Go     bool  `json:"go,omitzero"`    // go on from where you wait
}

// report is a line that a worker writes.
type report struct {
	Ready bool  `json:"ready,omitzero"`
	At    Point `json:"at,omitzero"` // it has reached this point, and waits unless it is DuringSave

	Round   int            `json:"round,omitzero"`
	Tokens  map[string]int `json:"tokens,omitzero"` // by fingerprint of the access token: how many goroutines got it
	Errors  []string       `json:"errors,omitzero"`
	Events  map[string]int `json:"events,omitzero"` // by oauth.EventKind
	Latency []int64        `json:"latency_us,omitzero"`
}
