package pipeline_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The page for those who come from channels shows tested code only.
func TestFromChannelsShowsTestedCode(t *testing.T) {
	page := text(t, "../docs/from-channels.md")
	plain := text(t, "channels_test.go")
	examples := bodies(t, "example_channels_test.go")
	fence := regexp.MustCompile("(?s)(With channels|As a flow, `Example_(\\w+)`)\\.[^\n]*\n```go\n(.*?)```\n")
	shown := map[string]bool{}
	for _, m := range fence.FindAllStringSubmatch(page, -1) {
		name, code := m[2], m[3]
		if name == "" {
			for part := range strings.SplitSeq(strings.TrimSpace(code), "\n\n") {
				require.Contains(t, plain, "\n"+part+"\n")
			}
			continue
		}
		shown[name] = true
		require.Contains(t, examples[name], code, "Example_%s", name)
	}
	require.Len(t, fence.FindAllString(page, -1), strings.Count(page, "```go"), "code that nothing tests")
	for name := range examples {
		require.True(t, shown[name], "the page does not show Example_%s", name)
	}
}

// The documentation of the package begins with a flow that runs as an example.
func TestThePackageDocumentationShowsAnExample(t *testing.T) {
	_, flow, _ := strings.Cut(text(t, "doc.go"), "//\tids := ")
	flow, _, _ = strings.Cut(flow, "\n//\n")
	flow = "ids := " + strings.ReplaceAll(flow, "\n//\t", "\n") + "\n"
	require.Contains(t, bodies(t, "example_doc_test.go")["boundedOrderedRetried"], flow)
}

// bodies are those of the examples in a file, by name and as they would be
// indented on their own.
func bodies(t *testing.T, file string) map[string]string {
	all := map[string]string{}
	body := regexp.MustCompile(`(?ms)^func Example_(\w+)\(\) \{\n(.*?)^\t// Output:`)
	for _, m := range body.FindAllStringSubmatch(text(t, file), -1) {
		all[m[1]] = strings.ReplaceAll("\n"+m[2], "\n\t", "\n")
	}
	require.NotEmpty(t, all)
	return all
}

func text(t *testing.T, file string) string {
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(b)
}
