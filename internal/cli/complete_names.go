package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"zohocrm/crm"
	"zohocrm/oauth"
)

// completionWait bounds what completion asks Zoho.
const completionWait = 900 * time.Millisecond

// completeModules completes the first argument with modules.
func (a *app) completeModules(cmd *cobra.Command) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.namesFor(cmd, modulesList, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeModuleAndField completes a module, and then one of its fields.
func (a *app) completeModuleAndField(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return a.namesFor(cmd, modulesList, typed), cobra.ShellCompDirectiveNoFileComp
	case 1:
		return a.namesFor(cmd, fieldsList(args[0]), typed), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// completeFields completes a flag with a list of fields of the module that is the
// first argument.
func (a *app) completeFields(cmd *cobra.Command, flag string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		before, last := "", typed
		if i := strings.LastIndexByte(typed, ','); i >= 0 {
			before, last = typed[:i+1], typed[i+1:]
		}
		given := strings.Split(before, ",")
		var found []string
		for _, name := range a.namesFor(cmd, fieldsList(args[0]), last) {
			if plain, _, _ := strings.Cut(name, "\t"); !slices.Contains(given, plain) {
				found = append(found, before+name)
			}
		}
		return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
}

// completeWhere completes the field's name of a condition; behind it comes an
// operator, so no space.
func (a *app) completeWhere(cmd *cobra.Command) {
	_ = cmd.RegisterFlagCompletionFunc("where", func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		const none = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		if len(args) == 0 || typed != "" && checkName("", typed) != nil {
			return nil, none // a value, or criteria in brackets
		}
		found := a.namesFor(cmd, fieldsList(args[0]), typed)
		for i, name := range found {
			plain, label, labelled := strings.Cut(name, "\t")
			if found[i] = plain + "="; labelled {
				found[i] += "\t" + label
			}
		}
		return found, none
	})
}

// namesFor are the names of a list that begin with what was typed, each with its
// label behind a tab. They come from the file, and from Zoho within a second only
// if the file is old and the stored token is still good: pressing Tab renews none.
func (a *app) namesFor(cmd *cobra.Command, list, typed string) []string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), completionWait)
	defer cancel()
	row, ok := a.rowFor(ctx, cmd)
	if !ok {
		return nil
	}
	known := a.knownFor(row)
	have, ok := known.load(list)
	records := have.Records
	if age := known.now().Sub(have.Checked); (!ok || age < 0 || age > knownLife) && row.Valid(a.now(), 0) {
		if fresh, err := a.askQuickly(ctx, known, row, list); err == nil {
			records = fresh
		}
	}
	var found []string
	for _, r := range records {
		name, label := r.Text("api_name"), r.Text("plural_label")
		if supported, said := r.Bool("api_supported"); said && !supported || !strings.HasPrefix(strings.ToLower(name), strings.ToLower(typed)) {
			continue
		}
		if label == "" {
			label = r.Text("field_label")
		}
		if label = oneLine(label); label != "" && label != name {
			name += "\t" + label
		}
		found = append(found, name)
	}
	return found
}

// askQuickly asks Zoho with the stored access token, once.
func (a *app) askQuickly(ctx context.Context, known knownNames, row oauth.Token, list string) ([]crm.Record, error) {
	w, err := a.newWire()
	if err != nil {
		return nil, err
	}
	defer w.http.CloseIdleConnections()
	client, err := w.crm(oauth.StaticSource(row))
	if err != nil {
		return nil, err
	}
	return known.get(ctx, client, list)
}

// rowFor is the stored row that the command line so far means.
func (a *app) rowFor(ctx context.Context, cmd *cobra.Command) (oauth.Token, bool) {
	if a.prepare(cmd) != nil {
		return oauth.Token{}, false
	}
	a.set.level = levelOff
	l, err := a.lookInto(ctx) // which makes nothing
	if err != nil {
		return oauth.Token{}, false
	}
	defer l.close()
	text := func(flag string) string {
		if f := cmd.Flags().Lookup(flag); f != nil {
			return f.Value.String()
		}
		return ""
	}
	row, err := opened(who{user: text("user"), id: text("id")}.find(ctx, l.store, a.set))
	return row, err == nil
}
