package main

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// file is a regular file below the folder: where it is, and its name from
// there, with slashes.
type file struct{ path, name string }

// walk yields the regular files below dir in the byte order of their names,
// holding no more than the folders on the way down. What it cannot read it
// reports, and goes on; only dir itself must be readable.
func walk(ctx context.Context, dir string, report func(error), yield func(file) bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	descend(ctx, file{path: dir}, entries, report, yield)
	return ctx.Err()
}

func descend(ctx context.Context, at file, entries []fs.DirEntry, report func(error), yield func(file) bool) bool {
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(key(a), key(b)) })
	for _, e := range entries {
		f := file{filepath.Join(at.path, e.Name()), e.Name()}
		if at.name != "" {
			f.name = at.name + "/" + e.Name()
		}
		switch {
		case ctx.Err() != nil:
			return false
		case e.Type().IsRegular():
			if !yield(f) {
				return false
			}
		case e.IsDir():
			below, err := os.ReadDir(f.path)
			if err != nil {
				report(err)
			}
			if !descend(ctx, f, below, report, yield) {
				return false
			}
		}
	}
	return true
}

// key sorts a folder where its files belong: "a.go" comes before "a/b.go".
func key(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

// count walks the tree without reading its files, so that the progress can say
// what is left.
func count(ctx context.Context, dir string) (t tally, err error) {
	err = walk(ctx, dir, func(error) {}, func(f file) bool {
		if info, err := os.Lstat(f.path); err == nil {
			t.files++
			t.bytes += info.Size()
		}
		return true
	})
	return t, err
}
