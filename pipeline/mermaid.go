package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Mermaid draws the flow as a Mermaid flowchart: its steps, from left to right,
// with the names that StageStats has.
func (f Flow[T]) Mermaid() string {
	mustFlow("Mermaid", f)
	steps := f.step.sorted()
	return draw(steps, namesOf(steps))
}

// Mermaid draws the run as a Mermaid flowchart, with the figures of each stage
// as they are now.
func (r *Run) Mermaid() string {
	figures := r.run.stats.read()
	steps, stages := r.steps()
	lines := namesOf(steps)
	for _, st := range stages {
		f := figures[st]
		f.Name = lines[st.step]
		lines[st.step] = f.label()
	}
	return draw(steps, lines)
}

// label is what stands in the node of a stage.
func (s StageStats) label() string {
	lines := []string{s.Name, fmt.Sprintf("in %d, out %d", s.In, s.Out)}
	if s.Failed+s.Skipped > 0 {
		lines = append(lines, fmt.Sprintf("failed %d, skipped %d", s.Failed, s.Skipped))
	}
	if total := s.Busy + s.BlockedIn + s.BlockedOut; s.Workers > 0 && total > 0 {
		lines = append(lines,
			fmt.Sprintf("workers %d, queued %d", s.Workers, s.Queued),
			fmt.Sprintf("busy %s, %d %%", s.Busy.Round(time.Millisecond), 100*s.Busy/total))
	}
	return strings.Join(lines, "\n")
}

// sorted gives all steps up to s, each after those that it gets items from.
func (s *step) sorted() []*step {
	var all []*step
	seen := map[*step]bool{}
	var visit func(*step)
	visit = func(s *step) {
		if seen[s] {
			return
		}
		seen[s] = true
		for _, from := range s.from {
			visit(from)
		}
		all = append(all, s)
	}
	visit(s)
	return all
}

// steps gives the steps of the run, in the order of the flow, and the stages of
// those that have figures. Those that came while it was on stand before the last
// one, sources first.
func (r *Run) steps() ([]*step, []*stage) {
	s := r.run.stats
	s.mu.Lock()
	defer s.mu.Unlock()
	steps := r.last.sorted()
	steps = steps[:len(steps)-1]
	late := slices.SortedStableFunc(slices.Values(s.late), func(a, b *stage) int { return cmp.Compare(a.step.nth, b.step.nth) })
	for _, st := range late {
		steps = append(steps, st.step)
	}
	steps = append(steps, r.last)
	var stages []*stage
	for _, of := range steps {
		switch {
		case s.stages[of] != nil:
			stages = append(stages, s.stages[of])
		case len(late) > 0 && late[0].step == of:
			stages, late = append(stages, late[0]), late[1:]
		}
	}
	return steps, stages
}

// label is the name with the branch that it is in.
func (s *step) label() string {
	if s.branch == "" {
		return s.name
	}
	return s.branch + "/" + s.name
}

// namesOf gives each step a name that no other one has.
func namesOf(steps []*step) map[*step]string {
	names := make(map[*step]string, len(steps))
	used := map[string]int{}
	for _, s := range steps {
		name := s.label()
		if used[name]++; used[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, used[name])
		}
		names[s] = name
	}
	return names
}

func draw(steps []*step, label map[*step]string) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	at := map[*step]int{}
	for i, s := range steps {
		at[s] = i
		fmt.Fprintf(&b, "\tn%d[\"%s\"]\n", i, escape.Replace(label[s]))
	}
	for i, s := range steps {
		for _, from := range s.from {
			if j, ok := at[from]; ok {
				fmt.Fprintf(&b, "\tn%d --> n%d\n", j, i)
			}
		}
	}
	return b.String()
}

// escape makes any name harmless in a quoted label.
var escape = strings.NewReplacer(
	"#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "&", "#amp;", "`", "#96;", "\r", "", "\n", "<br/>")
