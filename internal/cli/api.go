package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"zohocrm/crm"
)

// apiOptions are the parsed command line of "zcrm api".
type apiOptions struct {
	app      *app
	who      who
	method   string // "": GET, or POST with data
	path     string
	query    []string
	data     string
	hasData  bool
	paginate bool
	out      string
}

func newAPICmd(a *app) *cobra.Command {
	o := apiOptions{app: a}
	cmd := &cobra.Command{
		Use:   "api [METHOD] PATH",
		Short: "Make any CRM call with a stored token",
		Long: `Make any CRM call with a stored token and print the answer. The host comes from
the token; a PATH without a leading slash is below /crm/v8/. The method is GET, or
POST if there is data. If Zoho refuses the token, the call is made once more with
a fresh one; nothing else is repeated.

--paginate follows a list to its end and prints all its entries as one array.
Data that Zoho took only in part is printed too, and the exit code is 1.`,
		Example: `  zcrm api /crm/v8/users -q type=CurrentUser
  zcrm api Leads -q fields=Last_Name,Email --paginate
  zcrm api POST Leads -d '{"data":[{"Last_Name":"Doe","Company":"Acme"}]}'
  zcrm api PUT Leads -d @leads.json
  zcrm api /crm/v8/Leads/4150869000000300040/photo --out photo.png`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usagef("it takes a path, or a method and a path")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.path = args[len(args)-1]
			if len(args) == 2 {
				o.method = strings.ToUpper(args[0])
			}
			o.hasData = cmd.Flags().Changed("data")
			return runAPI(cmd.Context(), o)
		},
	}
	o.who.register(a, cmd)
	f := cmd.Flags()
	f.StringArrayVarP(&o.query, "query", "q", nil, "a parameter, as `KEY=VALUE`; may be repeated")
	f.StringVarP(&o.data, "data", "d", "", "`DATA` to send: JSON, @FILE, or @- for stdin")
	f.BoolVar(&o.paginate, "paginate", false, "get all pages of a list")
	f.StringVar(&o.out, "out", "", "`FILE` to write the answer to as it comes (for downloads)")
	return cmd
}

func runAPI(ctx context.Context, o apiOptions) error {
	request, err := o.request()
	if err != nil {
		return err
	}
	if o.paginate && (request.Method != http.MethodGet || o.out != "") {
		return usagef("--paginate is for lists: leave out method, data and --out")
	}
	body, err := o.body()
	if err != nil {
		return err
	}
	if body != nil {
		defer body.Close()
		request.Body = body.Reader
	}
	s, err := o.app.openSession(ctx)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	partial, err := s.partialFor(ctx, o.who)
	if err != nil {
		return err
	}
	client, err := s.crm(s.keeper.Source(partial))
	if err != nil {
		return err
	}
	switch {
	case o.paginate:
		return meant(o.pages(ctx, client, request), "")
	case o.out != "":
		return meant(o.download(ctx, client, request), "")
	}
	return meant(o.call(ctx, client, request), "")
}

func (o apiOptions) request() (crm.Request, error) {
	r := crm.Request{Method: o.method, Path: o.path, Query: url.Values{}}
	switch {
	case r.Method == "" && o.hasData:
		r.Method = http.MethodPost
	case r.Method == "":
		r.Method = http.MethodGet
	}
	if strings.Trim(r.Method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return r, usagef("the first of two arguments is the method, such as POST")
	}
	if strings.Contains(r.Path, "://") {
		return r, usagef("the path is given without a host, which comes from the token: /crm/v8/...")
	}
	if !strings.HasPrefix(r.Path, "/") {
		r.Path = "/crm/v8/" + r.Path
	}
	if err := checkAPIPath(r.Path); err != nil {
		return r, err
	}
	for _, pair := range o.query {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return r, usagef("--query: it is key=value")
		}
		r.Query.Add(key, value)
	}
	return r, nil
}

// input is data to send and what closes it.
type input struct {
	io.Reader
	io.Closer
}

// maxStdin bounds data from stdin, which is kept in memory so that it can be sent
// again when the token was refused.
const maxStdin = 64 << 20

func (o apiOptions) body() (*input, error) {
	name, isFile := strings.CutPrefix(o.data, "@")
	switch {
	case !o.hasData:
		return nil, nil
	case !isFile:
		return &input{strings.NewReader(o.data), io.NopCloser(nil)}, nil
	case name == "-":
		text, err := io.ReadAll(io.LimitReader(o.app.in, maxStdin+1))
		if err == nil && len(text) > maxStdin {
			err = fmt.Errorf("stdin holds more than %d MiB: send it from a file, as -d @FILE", maxStdin>>20)
		}
		return &input{bytes.NewReader(text), io.NopCloser(nil)}, err
	}
	f, err := os.Open(name) // #nosec G304 -- -d @FILE: the user's own file
	if err != nil {
		return nil, usagef("--data: %v", err)
	}
	return &input{f, f}, nil
}

// call prints the answer of one call.
func (o apiOptions) call(ctx context.Context, client *crm.Client, r crm.Request) error {
	var answer json.RawMessage
	resp, err := client.Do(ctx, r, &answer)
	if err != nil {
		return err
	}
	if len(answer) == 0 {
		o.app.tell("zcrm: Zoho answered %d without content: there is nothing there", resp.Status)
		return nil
	}
	if err := o.app.printRaw(answer); err != nil {
		return err
	}
	return partlyRefused(answer)
}

// printRaw prints JSON, indented where a person reads it, with escapes for what would
// command the terminal, and else as it came.
func (a *app) printRaw(answer []byte) error {
	var text bytes.Buffer
	shown := isTerminal(a.out)
	if shown {
		answer = jsonForTerminal(answer)
	}
	if !shown || json.Indent(&text, answer, "", "  ") != nil {
		text.Reset()
		text.Write(answer)
	}
	text.WriteByte('\n')
	_, err := a.out.Write(text.Bytes())
	return err
}

// partlyRefused is the error of a write of which Zoho refused some records: the
// answer as a whole is a success then.
func partlyRefused(answer []byte) error {
	var body struct {
		Data []struct {
			Code   string `json:"code"`
			Status string `json:"status"`
		} `json:"data"`
	}
	if json.Unmarshal(answer, &body) != nil {
		return nil
	}
	refused, code := 0, ""
	for _, item := range body.Data {
		if item.Status == "error" && item.Code != "" {
			if refused++; code == "" {
				code = item.Code
			}
		}
	}
	if refused == 0 {
		return nil
	}
	return fmt.Errorf("%d of %s refused, the first with %s; the answer on stdout says why", refused, count(len(body.Data), "record"), code)
}

// download writes the answer into a file that is there only when all of it came.
func (o apiOptions) download(ctx context.Context, client *crm.Client, r crm.Request) error {
	f, err := os.OpenFile(o.out+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return usagef("--out: %v", err)
	}
	_, err = client.Do(ctx, r, f)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), o.out)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
