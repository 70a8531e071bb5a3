package pipeline_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/thence-go/thence/pipeline"
)

// Every method of the zero Flow panics at once and says what to do, before it
// looks at what else it was given. Methods that come later are in it.
func TestEveryMethodOfTheZeroFlow(t *testing.T) {
	zero := reflect.ValueOf(pipeline.Flow[int]{})
	require.Greater(t, zero.NumMethod(), 10)
	for i := range zero.NumMethod() {
		name, m := zero.Type().Method(i).Name, zero.Method(i)
		t.Run(name, func(t *testing.T) {
			var args []reflect.Value
			for i := range m.Type().NumIn() {
				if !m.Type().IsVariadic() || i < m.Type().NumIn()-1 {
					args = append(args, reflect.Zero(m.Type().In(i)))
				}
			}
			defer func() {
				text, _ := recover().(string)
				if !strings.HasPrefix(text, "pipeline: "+name+" needs a flow, got the zero Flow") {
					t.Errorf("panicked with %q", text)
				}
			}()
			m.Call(args)
		})
	}
}
