// Otel reports what a Keeper does to OpenTelemetry: an oauth.Observer of some
// forty lines, to be copied. It prints the metrics of one login and one refresh
// against the simulator.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

// observer counts events and times the steps of a refresh.
type observer struct {
	events  metric.Int64Counter
	seconds metric.Float64Histogram
}

func newObserver(meter metric.Meter) (*observer, error) {
	events, err := meter.Int64Counter("zohocrm.token.events", metric.WithDescription("What happened to tokens, by kind."))
	if err != nil {
		return nil, err
	}
	seconds, err := meter.Float64Histogram("zohocrm.token.duration", metric.WithUnit("s"),
		metric.WithDescription("How long the steps of a refresh take."))
	return &observer{events, seconds}, err
}

// Observe implements oauth.Observer. No user and no token becomes an attribute.
func (o *observer) Observe(ctx context.Context, e oauth.Event) {
	attributes := []attribute.KeyValue{attribute.String("kind", string(e.Kind))}
	if e.Err != nil {
		attributes = append(attributes, attribute.String("error", oauth.ClassOf(e.Err)))
	}
	o.events.Add(ctx, 1, metric.WithAttributes(attributes...))
	if e.Duration > 0 {
		o.seconds.Record(ctx, e.Duration.Seconds(), metric.WithAttributes(attributes...))
	}
}

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	reader := sdk.NewManualReader() // in a service: an exporter
	provider := sdk.NewMeterProvider(sdk.WithReader(reader))
	defer provider.Shutdown(ctx)
	o, err := newObserver(provider.Meter("zohocrm"))
	if err != nil {
		return err
	}

	zoho := sim.New(sim.Config{})
	defer zoho.Close()
	server := httptest.NewServer(zoho)
	defer server.Close()
	home, err := dc.Custom(server.URL, "")
	if err != nil {
		return err
	}
	keeper, err := oauth.NewKeeper(oauth.KeeperConfig{
		Store: memory.New(memory.Config{Now: zoho.Now}), DataCenter: home, Observer: o,
		Accounts: oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(home), Now: zoho.Now}),
	})
	if err != nil {
		return err
	}
	code, err := zoho.Grant(sim.GrantRequest{User: "alice"})
	if err != nil {
		return err
	}
	_, err = keeper.Connect(ctx, oauth.Login{Token: oauth.Token{
		UserName: "alice", ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(code),
	}})
	if err != nil {
		return err
	}
	zoho.Advance(2 * time.Hour)
	if _, err := keeper.Token(ctx, oauth.Token{UserName: "alice"}); err != nil {
		return err
	}
	if err := keeper.Close(); err != nil {
		return err
	}
	return print(ctx, reader)
}

func print(ctx context.Context, reader *sdk.ManualReader) error {
	var all metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &all); err != nil {
		return err
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if !ok {
				continue
			}
			var lines []string
			for _, p := range sum.DataPoints {
				lines = append(lines, fmt.Sprintf("%s{%s} %d", m.Name, p.Attributes.Encoded(attribute.DefaultEncoder()), p.Value))
			}
			slices.Sort(lines)
			fmt.Println(strings.Join(lines, "\n"))
		}
	}
	return nil
}
