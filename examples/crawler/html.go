package main

import (
	"io"
	"net/url"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// addresses returns where the links of a page lead, without fragments. What is
// not HTML has none.
func addresses(r io.Reader, base *url.URL) (found []*url.URL) {
	for z := html.NewTokenizer(r); ; {
		switch z.Next() {
		case html.ErrorToken:
			return found // the end, or no more of it can be read
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.DataAtom != atom.A {
				continue
			}
			for _, a := range t.Attr {
				to, err := base.Parse(a.Val)
				if a.Key != "href" || err != nil || to.Scheme != "http" && to.Scheme != "https" {
					continue
				}
				to.Fragment = ""
				found = append(found, to)
			}
		}
	}
}
