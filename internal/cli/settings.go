package cli

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// globalFlags are the flags that every command takes.
type globalFlags struct {
	store            string
	clientID         string
	clientSecret     string
	clientSecretFile string
	dataCenter       string
	environment      string
	accountsURL      string
	apiURL           string
	json             bool
	logLevel         string
	timeout          time.Duration
	caFile           string
	keys             string
	audit            string
}

func (f *globalFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.store, "store", "", "store `URL`: csv:PATH, sqlite:PATH, mysql://, postgres://, redis://, memory: ($ZCRM_STORE); see: zcrm store --help")
	flags.StringVar(&f.clientID, "client-id", "", "client `ID` of your application at Zoho ($ZCRM_CLIENT_ID)")
	flags.StringVar(&f.clientSecret, "client-secret", "", "its client `SECRET`; prefer $ZCRM_CLIENT_SECRET or --client-secret-file, for a flag is seen by other users in the process list")
	flags.StringVar(&f.clientSecretFile, "client-secret-file", "", "`FILE` that holds the client secret; - is stdin")
	flags.StringVar(&f.dataCenter, "dc", "", "`CODE` of the data centre: "+strings.Join(locations(), " ")+" ($ZCRM_DC, default us)")
	flags.StringVar(&f.environment, "env", "", "`KIND` of organisation: production, sandbox, developer ($ZCRM_ENV, default production)")
	flags.StringVar(&f.accountsURL, "accounts-url", "", "base `URL` of another accounts server, such as the simulator's ($ZCRM_ACCOUNTS_URL)")
	flags.StringVar(&f.apiURL, "api-url", "", "base `URL` of its CRM API, if it is not the same ($ZCRM_API_URL)")
	flags.StringVar(&f.keys, "keys", "", "`SOURCE` of the keys that seal the store: PATH or env:NAME ($ZCRM_KEYS); see: zcrm keys --help")
	flags.StringVar(&f.audit, "audit", "", "append to this `FILE` who did what with which token ($ZCRM_AUDIT)")
	flags.BoolVar(&f.json, "json", false, "print JSON; secrets appear as fingerprints only")
	flags.StringVar(&f.logLevel, "log-level", "warn", "`LEVEL` of what is told on stderr: debug, info, warn, error, off")
	flags.DurationVar(&f.timeout, "timeout", 12*time.Second, "longest wait for one answer from Zoho")
	flags.StringVar(&f.caFile, "ca-file", "", "`FILE` of PEM certificates to trust besides the system's")
}

func locations() []string {
	var all []string
	for _, c := range dc.Zoho().All() {
		all = append(all, c.Location)
	}
	return all
}

// settings are the flags and the environment, checked.
type settings struct {
	storeURL    string // "": there is no place for one
	storeFolder string // to be made before the default store is opened; "" for others
	// storePassword is for a server whose URL has none.
	storePassword oauth.Secret
	clientID      string
	home          dc.DataCenter
	environment   dc.Environment
	directory     dc.Directory
	json          bool
	level         slog.Level
	timeout       time.Duration
	caFile        string
	keys          string // "": plain
	audit         string // "": nothing is recorded
}

// given is a setting and where it comes from. Precedence: flag, environment,
// default.
type given struct {
	value string
	from  string // "--dc" or "ZCRM_DC"; "" is the default
	rank  int    // 2 a flag, 1 the environment, 0 the default
}

func pick(flags *pflag.FlagSet, getenv func(string) string, flag, env string) given {
	if f := flags.Lookup(flag); f != nil && f.Changed {
		return given{f.Value.String(), "--" + flag, 2}
	}
	if v := getenv(env); v != "" {
		return given{v, env, 1}
	}
	return given{}
}

// resolve turns flags and environment into settings. Nothing is opened or read.
func (f *globalFlags) resolve(flags *pflag.FlagSet, getenv func(string) string) (settings, error) {
	pick := func(flag, env string) given { return pick(flags, getenv, flag, env) }
	set := settings{json: f.json, timeout: f.timeout, caFile: f.caFile, clientID: pick("client-id", "ZCRM_CLIENT_ID").value}
	set.keys, set.audit = pick("keys", "ZCRM_KEYS").value, pick("audit", "ZCRM_AUDIT").value
	if f.timeout <= 0 {
		return set, usagef("--timeout: it must be more than 0")
	}
	var ok bool
	if set.level, ok = parseLevel(f.logLevel); !ok {
		return set, usagef("--log-level: unknown level; known: debug, info, warn, error, off")
	}
	environment := pick("env", "ZCRM_ENV")
	if set.environment, ok = dc.ParseEnvironment(environment.value); !ok {
		return set, usagef("%s: unknown environment; known: production, sandbox, developer", environment.from)
	}
	if err := set.resolveCenter(pick("dc", "ZCRM_DC"), pick("accounts-url", "ZCRM_ACCOUNTS_URL"), pick("api-url", "ZCRM_API_URL")); err != nil {
		return set, err
	}
	set.resolveStore(pick("store", "ZCRM_STORE"), getenv)
	return set, nil
}

// resolveCenter decides where logins begin and which hosts are trusted. An
// accounts URL makes the data centre "custom"; only a --dc that outranks it, a
// flag over the environment, takes its place.
func (set *settings) resolveCenter(location, accounts, api given) error {
	set.directory = dc.Zoho()
	if api.value != "" && accounts.value == "" {
		return usagef("%s: an API URL needs an accounts URL: give --accounts-url or ZCRM_ACCOUNTS_URL", api.from)
	}
	if accounts.value != "" {
		custom, err := dc.Custom(accounts.value, api.value)
		if err != nil {
			from := accounts.from
			if strings.HasPrefix(err.Error(), "api URL") {
				from = api.from
			}
			return usagef("%s: %v", from, err)
		}
		set.directory = set.directory.With(custom)
		if location.rank <= accounts.rank || strings.EqualFold(location.value, custom.Location) {
			set.home = custom
			return nil
		}
	}
	code := location.value
	if code == "" {
		code = "us"
	}
	var ok bool
	if set.home, ok = set.directory.ByLocation(code); !ok {
		return usagef("%s: unknown data centre; known: %s; others with --accounts-url and --api-url", location.from, strings.Join(locations(), ", "))
	}
	return nil
}

// resolveStore leaves the URL empty if there is no place for the default store:
// only commands that need a store mind.
func (set *settings) resolveStore(store given, getenv func(string) string) {
	set.storeURL, set.storePassword = store.value, oauth.NewSecret(getenv("ZCRM_STORE_PASSWORD"))
	if store.value != "" {
		return
	}
	if folder, err := stateFolder(runtime.GOOS, getenv); err == nil {
		set.storeFolder = folder
		set.storeURL = "sqlite:" + filepath.Join(folder, "tokens.db")
	}
}

var errNoHome = errors.New("there is no home folder to keep tokens in")

// stateFolder is where the default store and rescue files are kept:
// $XDG_STATE_HOME/zcrm, ~/.local/state/zcrm, and what os.UserConfigDir means on
// Windows and macOS. It reads the environment that Main was given.
func stateFolder(goos string, getenv func(string) string) (string, error) {
	under := func(variable string, parts ...string) (string, error) {
		base := getenv(variable)
		if !filepath.IsAbs(base) {
			return "", errNoHome
		}
		return filepath.Join(append([]string{base}, parts...)...), nil
	}
	switch goos {
	case "windows":
		return under("AppData", "zcrm")
	case "darwin", "ios":
		return under("HOME", "Library", "Application Support", "zcrm")
	}
	if filepath.IsAbs(getenv("XDG_STATE_HOME")) { // a relative one is to be ignored, says the XDG specification
		return under("XDG_STATE_HOME", "zcrm")
	}
	return under("HOME", ".local", "state", "zcrm")
}

// makeFolder makes a folder that only its owner can enter.
func makeFolder(path string) error { return os.MkdirAll(path, 0o700) }

// levelOff is above every level that is used.
const levelOff = slog.Level(100)

func parseLevel(text string) (slog.Level, bool) {
	switch strings.ToLower(text) {
	case "debug":
		return slog.LevelDebug, true
	case "info":
		return slog.LevelInfo, true
	case "warn", "warning":
		return slog.LevelWarn, true
	case "error":
		return slog.LevelError, true
	case "off":
		return levelOff, true
	}
	return 0, false
}
