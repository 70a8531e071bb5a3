package conformance

import (
	"fmt"
	"strings"

	"github.com/thence-go/thence/future/futuretest"
)

// A Column is what came of the rules for one subject.
type Column struct {
	Subject  Subject
	Version  string
	Verdicts []futuretest.Verdict
}

var signs = map[futuretest.Outcome]string{
	futuretest.Passed:     "ok",
	futuretest.Failed:     "**no**",
	futuretest.Hung:       "**hangs**",
	futuretest.Crashed:    "**crash**",
	futuretest.NotOffered: "",
}

const preamble = `# Conformance

What Go libraries with futures do, rule by rule: the suite is the package [` + "`future/futuretest`" + `](../future/futuretest), which any library can be run against. This page is generated, and a test sees to it that it is what the code does:

` + "```sh" + `
cd bench && go test ./conformance -update
` + "```" + `

**ok**: does so. **no**: does something else. **hangs**: something never ends. **crash**: the process ends. An empty cell: the library does not offer what the rule is about, by design; that is no failure. The rules are the promises of package ` + "`future`" + `, so that its column is full is no surprise; where another library decides otherwise on purpose, the rule's reason says what that costs.

`

// Table renders the page.
func Table(columns []Column) string {
	var b strings.Builder
	b.WriteString(preamble)
	summary(&b, columns)
	group := ""
	for i, r := range futuretest.Rules() {
		if g, _, _ := strings.Cut(r.ID, "."); g != group {
			group = g
			fmt.Fprintf(&b, "\n## %s %s\n\n|", g, futuretest.Groups()[g[0]-'1'])
			row(&b, " rule ", columns, func(c Column) string { return c.Subject.Name })
			row(&b, "|---", columns, func(Column) string { return "---" })
		}
		row(&b, fmt.Sprintf("| %s %s ", r.ID, r.Title), columns, func(c Column) string { return signs[c.Verdicts[i].Outcome] })
	}
	b.WriteString("\n## Why\n\nThe rules whose reason is not plain, and what they need of a library:\n\n")
	for _, r := range futuretest.Rules() {
		if r.Why != "" {
			fmt.Fprintf(&b, "- %s %s: %s. (%s)\n", r.ID, r.Title, r.Why, strings.Join(r.Needs(), ", "))
		}
	}
	return b.String()
}

// summary counts, and says what each adapter uses.
func summary(b *strings.Builder, columns []Column) {
	b.WriteString("| library | version | offers | ok | no | hangs | crash |\n|---|---|---|---|---|---|---|\n")
	for _, c := range columns {
		var n [futuretest.NotOffered + 1]int
		for _, v := range c.Verdicts {
			n[v.Outcome]++
		}
		fmt.Fprintf(b, "| %s | %s | %d of %d | %d | %d | %d | %d |\n", c.Subject.Name, c.Version,
			len(c.Verdicts)-n[futuretest.NotOffered], len(c.Verdicts),
			n[futuretest.Passed], n[futuretest.Failed], n[futuretest.Hung], n[futuretest.Crashed])
	}
	b.WriteString("\n")
	for _, c := range columns {
		for _, note := range c.Subject.Notes {
			fmt.Fprintf(b, "- %s: %s.\n", c.Subject.Name, note)
		}
	}
}

func row(b *strings.Builder, head string, columns []Column, cell func(Column) string) {
	b.WriteString(head + "|")
	for _, c := range columns {
		if s := cell(c); s == "---" {
			b.WriteString(s + "|")
		} else {
			fmt.Fprintf(b, " %s |", s)
		}
	}
	b.WriteString("\n")
}
