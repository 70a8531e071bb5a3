package doccode

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// block is one piece of code on a page.
type block struct {
	line    int // of the page, on which the code begins
	code    string
	context string // declarations that the page makes for it
	go127   bool
	with    map[string]string // what names mean other packages than they do elsewhere
}

var (
	hidden = regexp.MustCompile(`^<!-- (code|go1\.27|not code)( -->)?$`)
	with   = regexp.MustCompile(`^<!-- with (\w+) (\S+) -->$`)
)

// blocks returns the Go code of a page.
func blocks(page string) (bs []block, err error) {
	var context []string
	var go127, skip bool
	var other map[string]string
	lines := strings.Split(page, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if m := with.FindStringSubmatch(line); m != nil {
			if other == nil {
				other = map[string]string{}
			}
			other[m[1]] = m[2]
		}
		switch m := hidden.FindStringSubmatch(line); {
		case strings.HasPrefix(line, "# "):
			context = nil
		case m != nil && m[1] == "code":
			end := slices.Index(lines[i:], "-->")
			if end < 0 {
				return nil, fmt.Errorf("line %d: the comment is not closed", i+1)
			}
			context = append(context, lines[i+1:i+end]...)
			i += end
		case m != nil:
			go127, skip = m[1] == "go1.27", m[1] == "not code"
		case line == "```go":
			end := slices.Index(lines[i+1:], "```")
			if end < 0 {
				return nil, fmt.Errorf("line %d: the block is not closed", i+1)
			}
			if !skip {
				bs = append(bs, block{i + 2, strings.Join(lines[i+1:i+1+end], "\n"), strings.Join(context, "\n"), go127, other})
			}
			go127, skip, other = false, false, nil
			i += end + 1
		}
	}
	return bs, nil
}

var (
	whole    = regexp.MustCompile(`(?m)^package \w+$`)
	declared = regexp.MustCompile(`(?m)^(func [\w(]|type \w)`)
)

// files returns what has to compile: the code as a file of its own, and one
// with what the page declares for it.
func (b block) files() (code, context string) {
	switch {
	case whole.MatchString(b.code):
		return b.code, ""
	case declared.MatchString(b.code):
		code = b.code
	default:
		code = "func _() {\n" + b.code + "\n}\n"
	}
	return b.header(code) + code, b.header(b.context) + b.context
}

// header is what comes before code without a package clause.
func (b block) header(code string) string {
	var h strings.Builder
	h.WriteString("package page\n\n")
	for _, name := range named(code) {
		if path := cmp.Or(b.with[name], paths[name]); path != "" {
			fmt.Fprintf(&h, "import %s %q\n", name, path)
		}
	}
	h.WriteString("\n")
	return h.String()
}

var qualified = regexp.MustCompile(`\b(\w+)\.\w`)

// named returns what may be the names of packages.
func named(code string) (names []string) {
	for _, m := range qualified.FindAllStringSubmatch(code, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}
