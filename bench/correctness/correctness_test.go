package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if cell := os.Getenv(cellVariable); cell != "" {
		runCell(cell)
	}
	os.Exit(m.Run())
}

// decided are the cells in which Thence does something else, and means to.
var decided = map[string]string{
	"flow/before/thence": "some are lost", // the first error stops a flow
}

func TestThenceIsRight(t *testing.T) {
	seen := survey(sections(), ours, time.Minute)
	for cell, o := range seen {
		checkOurs(t, cell, o)
	}
	if len(seen) < 40 {
		t.Errorf("only %d cells", len(seen))
	}
}

func checkOurs(t *testing.T, cell string, o outcome) {
	t.Helper()
	want := ok
	if text, is := decided[cell]; is {
		want = text
	}
	if o.text != want {
		t.Errorf("%s: want %q, got %q %s", cell, want, o.text, o.detail)
	}
}

// One cell of each sort of outcome shows that they are told apart.
func TestOutcomesAreToldApart(t *testing.T) {
	for cell, want := range map[string]string{
		"pool/panic/x/sync semaphore":    crashes,
		"group/nested/x/sync errgroup":   hangs,
		"group/kept/x/sync errgroup":     notOffered,
		"group/goexit/x/sync errgroup":   "success reported",
		"group/siblings/x/sync errgroup": ok,
	} {
		limit := time.Minute
		if want == hangs {
			limit = time.Second
		}
		if o := survey(sections(), func(c string) bool { return c == cell }, limit)[cell]; o.text != want {
			t.Errorf("%s: want %q, got %q %s", cell, want, o.text, o.detail)
		}
	}
}

// The page is taken apart and written anew from what its cells say: so it has
// every case, every subject, and the versions of go.mod, and nothing else.
func TestPageIsWhole(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "correctness.md"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join("..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(page), "\n")
	seen := map[string]outcome{}
	for _, s := range sections() {
		from := indexOf(lines, "## "+s.title)
		for _, r := range s.rows {
			words, found := cellsOf(lines[from:], "| "+r.text()+" |")
			if !found || len(words) != len(s.subjects) {
				t.Errorf("%s: no row %q with %d cells", s.title, r.title, len(s.subjects))
				continue
			}
			for i, l := range s.subjects {
				if words[i] == "" {
					t.Errorf("%s: nothing was seen", s.cell(r, l))
				}
				seen[s.cell(r, l)] = outcome{text: words[i]}
			}
		}
	}
	date := regexp.MustCompile(`(?m)^Seen on (\d{4}-\d\d-\d\d with \S+ on [^.]+)\. `).FindSubmatch(page)
	if date == nil {
		t.Fatal("no date")
	}
	was, is := lines, strings.Split(table(sections(), seen, string(mod), string(date[1])), "\n")
	for i := range max(len(was), len(is)) {
		if i >= len(was) || i >= len(is) || was[i] != is[i] {
			t.Errorf("line %d of docs/correctness.md is not what would be written; to make it anew: cd bench && go run ./correctness", i+1)
			break
		}
	}
	for cell, o := range seen {
		if ours(cell) {
			checkOurs(t, cell, o)
		}
	}
}

func indexOf(lines []string, line string) int {
	for i, one := range lines {
		if one == line {
			return i
		}
	}
	return len(lines)
}

// cellsOf returns what is in the row with this beginning.
func cellsOf(lines []string, begin string) ([]string, bool) {
	for _, line := range lines {
		rest, found := strings.CutPrefix(line, begin)
		if !found {
			continue
		}
		var words []string
		for _, word := range strings.Split(strings.TrimSuffix(rest, " |"), " | ") {
			words = append(words, strings.Trim(strings.TrimSpace(word), "*"))
		}
		return words, true
	}
	return nil, false
}
