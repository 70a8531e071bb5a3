package pipeline

import (
	"fmt"
	"strings"
	"time"
)

// Mermaid draws the flow as a Mermaid flowchart: its steps, from left to right.
func (f Flow[T]) Mermaid() string {
	mustFlow("Mermaid", f)
	return draw(f.step.sorted(), func(s *step) string { return s.name })
}

// Mermaid draws the run as a Mermaid flowchart, with the figures of each stage
// as they are now.
func (r *Run) Mermaid() string {
	figures := r.run.stats.read()
	lines := map[*step]string{}
	var steps []*step
	for _, st := range r.stages() {
		steps = append(steps, st.step)
		lines[st.step] = figures[st].label()
	}
	for _, s := range r.last.sorted() {
		if lines[s] == "" {
			steps = append(steps, s)
			lines[s] = s.name
		}
	}
	return draw(steps, func(s *step) string { return lines[s] })
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

// stages gives the stages of the run that have figures, in the order of the
// flow. Those that came while it was on stand before the last one.
func (r *Run) stages() []*stage {
	s := r.run.stats
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*stage
	steps := r.last.sorted()
	for _, st := range steps[:len(steps)-1] {
		if known := s.stages[st]; known != nil {
			all = append(all, known)
		}
	}
	all = append(all, s.late...)
	if last := s.stages[r.last]; last != nil {
		all = append(all, last)
	}
	return all
}

func draw(steps []*step, label func(*step) string) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	at := map[*step]int{}
	for i, s := range steps {
		at[s] = i
		fmt.Fprintf(&b, "\tn%d[\"%s\"]\n", i, escape.Replace(label(s)))
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
