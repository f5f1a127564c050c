package glsgo

import (
	"github.com/jtolds/gls"
	. "github.com/jtolds/gls"
)

var mgr = gls.NewContextManager()

func wrong() {
	gls.Go(work)    // want `gls.Go shares its goroutine's live map with the new one, a data race: use scope.Go, or go mgr.SetValues\(...\) with the values`
	Go(work)        // want `gls.Go shares`
	spawn := gls.Go // want `gls.Go shares`
	spawn(work)
	run(gls.Go) // want `gls.Go shares`
}

func fine() {
	go mgr.SetValues(gls.Values{"key": 1}, work)
	spawner{}.Go(work)
}

type spawner struct{}

func (spawner) Go(f func()) { go f() }

func run(func(func())) {}

func work() {}
