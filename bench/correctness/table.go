package main

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
)

const head = `# Correctness

What Go libraries do in the cases where concurrent programs go wrong. This page is made by

` + "```sh\ncd bench && go run ./correctness\n```" + `

Seen on %s. Each cell is a process of its own, with a limit of %v; the programs are in [bench/correctness](../bench/correctness), a file a library.

**ok**: does what the row says after the colon. **hangs**: never ends. **crashes**: the process ends. Other words in bold are what it does instead. **-**: the library does not offer what the case is about, which is no failure. A library is used as its documentation says, with the options that make it come off best.

The cases are about what Thence promises, so that its column is nearly full is no surprise, and others decide otherwise on purpose. x/sync and workerpool leave a panic alone because a crash is what it means elsewhere in Go, and tell you to recover in your own functions if you want something else; conc hands it on to whoever waits, which is ok here. So does Thence once: a flow stops at its first error, and what was ready by then only a hook sees. *By hand* is plain Go as a careful user writes it, who could go on until every cell is ok.

destel/rill is missing, because its module could not be had where this was made.
`

// table writes the page. It says no more of a cell than what was seen.
func table(all []section, seen map[string]outcome, mod, when string) string {
	var out strings.Builder
	fmt.Fprintf(&out, head, when, limit)
	for _, s := range all {
		fmt.Fprintf(&out, "\n## %s\n\n| |", s.title)
		for _, l := range s.subjects {
			fmt.Fprintf(&out, " %s |", l.name)
		}
		fmt.Fprintf(&out, "\n|---|%s\n", strings.Repeat("---|", len(s.subjects)))
		for _, r := range s.rows {
			fmt.Fprintf(&out, "| %s |", r.text())
			for _, l := range s.subjects {
				fmt.Fprintf(&out, " %s |", seen[s.cell(r, l)].markdown())
			}
			out.WriteString("\n")
		}
		out.WriteString("\n")
		for _, l := range s.subjects {
			fmt.Fprintf(&out, "- %s: %s\n", strings.TrimSpace(l.name+" "+version(mod, l.module)), l.uses)
		}
	}
	return out.String()
}

func (r row) text() string { return "**" + r.title + "**: " + r.wants }

func (o outcome) markdown() string {
	switch o.text {
	case ok, notOffered:
		return o.text
	default:
		return "**" + strings.ReplaceAll(o.text, "|", "\\|") + "**"
	}
}

// version is the one in go.mod.
func version(mod, module string) string {
	if module == "" {
		return ""
	}
	m := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(module) + ` (v\S+)`).FindStringSubmatch(mod)
	if m == nil {
		panic("go.mod does not require " + module)
	}
	return m[1]
}

// when says on which day and with which Go a table was made.
func when(day string) string {
	return fmt.Sprintf("%s with %s on %s/%s", day, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
