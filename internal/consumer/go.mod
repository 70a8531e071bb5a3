module example.com/thence-consumer

go 1.26.0

require github.com/thence-go/thence v0.0.0

replace github.com/thence-go/thence => ../..
