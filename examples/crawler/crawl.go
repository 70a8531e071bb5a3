package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/thence-go/thence/pipeline"
	"github.com/thence-go/thence/ratelimit"
)

// crawler asks for pages, one at a time from each host.
type crawler struct {
	client  *http.Client
	hosts   *ratelimit.Keyed[string]
	workers int
}

// link is an address and a page that it was found on.
type link struct {
	to   *url.URL
	from string
}

// page is what came of a link: broken says why it is not good.
type page struct {
	link   link
	broken error
	links  []link
}

// report is what a crawl has found, also one that was stopped.
type report struct {
	pages   int
	broken  []page
	elapsed time.Duration
}

// crawl follows the links from first, a level at a time, and looks at each
// address once. It follows links to other hosts, too: each has its own turn.
func (c *crawler) crawl(ctx context.Context, first *url.URL, depth int) (r report, err error) {
	begin := time.Now()
	defer func() { r.elapsed = time.Since(begin) }()
	seen := map[string]bool{first.String(): true}
	level := []link{{to: first, from: "the command line"}}
	for range depth + 1 {
		var next []link
		// In parallel over hosts, in order within one; the loop body runs here,
		// so it needs no lock.
		pages := pipeline.Partition(pipeline.FromSlice(level), host, c.visit, pipeline.Workers(c.workers), pipeline.Unordered())
		for p, err := range pages.All(ctx) {
			if err != nil {
				return r, err
			}
			r.pages++
			if p.broken != nil {
				r.broken = append(r.broken, p)
			}
			for _, l := range p.links {
				if address := l.to.String(); !seen[address] {
					seen[address] = true
					next = append(next, l)
				}
			}
		}
		level = next
	}
	return r, nil
}

func host(l link) string { return l.to.Host }

// visit fails only if the crawl is to end: a broken link is a result.
func (c *crawler) visit(ctx context.Context, l link) (page, error) {
	if err := c.hosts.Wait(ctx, l.to.Host); err != nil {
		return page{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.to.String(), nil)
	if err != nil {
		return page{link: l, broken: err}, nil
	}
	response, err := c.client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return page{}, ctx.Err()
		}
		return page{link: l, broken: err}, nil
	}
	defer response.Body.Close()
	p := page{link: l}
	if response.StatusCode >= 400 {
		p.broken = fmt.Errorf("%s", response.Status)
		return p, nil
	}
	for _, to := range addresses(io.LimitReader(response.Body, 10<<20), response.Request.URL) {
		p.links = append(p.links, link{to: to, from: l.to.String()})
	}
	return p, nil
}

func (r report) report(w io.Writer) {
	slices.SortFunc(r.broken, func(a, b page) int {
		return strings.Compare(a.link.to.String(), b.link.to.String())
	})
	for _, p := range r.broken {
		fmt.Fprintf(w, "broken: %s, on %s: %v\n", p.link.to, p.link.from, p.broken)
	}
	fmt.Fprintf(w, "%d pages in %v, %d broken\n", r.pages, r.elapsed.Round(time.Millisecond), len(r.broken))
}
