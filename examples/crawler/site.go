package main

import (
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// site is a small web site on two hosts, with some links that are broken.
type site struct {
	start   string
	servers []*http.Server

	// busiest is how many requests one of the hosts has served at once.
	busiest atomic.Int32
}

const sections, articles = 5, 6 // on each host

// serve starts the site on two free ports of this machine.
func serve() (*site, error) {
	s := &site{}
	var listeners []net.Listener
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.close()
			return nil, err
		}
		listeners = append(listeners, l)
	}
	for i, l := range listeners {
		other := "http://" + listeners[1-i].Addr().String()
		server := &http.Server{Handler: s.counted(pages(other))}
		s.servers = append(s.servers, server)
		go server.Serve(l)
	}
	s.start = "http://" + listeners[0].Addr().String() + "/"
	return s, nil
}

func (s *site) close() {
	for _, server := range s.servers {
		server.Close()
	}
}

// counted notes how many requests a host serves at once.
func (s *site) counted(h http.Handler) http.Handler {
	var now atomic.Int32
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for most := s.busiest.Load(); n > most && !s.busiest.CompareAndSwap(most, n); most = s.busiest.Load() {
		}
		h.ServeHTTP(w, r)
	})
}

// pages are a front page, sections and articles, which lead to each other and
// to the other host.
func pages(other string) http.Handler {
	mux := http.NewServeMux()
	page := func(pattern string, body func(*http.Request) string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, "<!doctype html><title>A site</title>%s", body(r))
		})
	}
	page("GET /{$}", func(*http.Request) (body string) {
		for s := range sections {
			body += fmt.Sprintf(`<a href="/section/%d">section %d</a> `, s, s)
		}
		return body + fmt.Sprintf(`<a href="%s/">our other host</a> <a href="mailto:us@example.com">mail</a>`, other)
	})
	page("GET /section/{s}", func(r *http.Request) (body string) {
		s := r.PathValue("s")
		for a := range articles {
			body += fmt.Sprintf(`<a href="/article/%s/%d#top">article</a> `, s, a)
		}
		return body + `<a href="/">home</a>`
	})
	page("GET /article/{s}/{a}", func(r *http.Request) string {
		time.Sleep(5 * time.Millisecond) // as a real one would take
		if r.PathValue("a") == "3" {
			return fmt.Sprintf(`<a href="/gone/%s">no longer there</a>`, r.PathValue("s"))
		}
		return `<a href="../../">home</a> <a href="/moved">moved</a>`
	})
	mux.Handle("GET /moved", http.RedirectHandler("/", http.StatusFound))
	mux.HandleFunc("GET /gone/{s}", http.NotFound)
	return mux
}
