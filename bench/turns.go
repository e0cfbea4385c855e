package main

import (
	"context"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// blockTime is about how long one side goes on before it is the other's turn:
	// long beside what a collection of garbage takes, short beside how long another
	// program keeps a machine busy.
	blockTime = 50 * time.Millisecond
	// pairsInRound are the blocks of each side in a round.
	pairsInRound = 6
)

// side is one of two ways to do the same. It does it n times and answers how long
// they took.
type side func(n int) (time.Duration, error)

// each is a side that calls f.
func each(f func() error) side {
	return func(n int) (time.Duration, error) {
		began := time.Now()
		for range n {
			if err := f(); err != nil {
				return 0, err
			}
		}
		return time.Since(began), nil
	}
}

// parallel is a side that shares the calls between as many goroutines as there are
// processors. f makes n of them.
func parallel(f func(n int) error) side {
	return func(n int) (time.Duration, error) {
		workers := runtime.GOMAXPROCS(0)
		var all errgroup.Group
		began := time.Now()
		for range workers {
			all.Go(func() error { return f((n + workers - 1) / workers) })
		}
		err := all.Wait()
		return time.Since(began), err
	}
}

// size is how many times fill a block. What it takes to find out warms the side up.
func (s side) size() (int, error) {
	for n := 1; ; n *= 2 {
		took, err := s(n)
		if err != nil {
			return 0, err
		}
		if took >= blockTime/2 {
			return max(1, int(float64(n)*float64(blockTime)/float64(took))), nil
		}
	}
}

// pair is one block of each side: nanoseconds for one time.
type pair struct{ ours, theirs float64 }

func (p pair) ratio() float64 { return p.ours / p.theirs }

// takeTurns measures both sides.
func takeTurns(ctx context.Context, ours, theirs side, rounds int) ([]pair, error) {
	n, err := ours.size()
	if err != nil {
		return nil, err
	}
	m, err := theirs.size()
	if err != nil {
		return nil, err
	}
	pairs := make([]pair, rounds*pairsInRound)
	for i := range pairs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		their, err := theirs(m)
		if err != nil {
			return nil, err
		}
		our, err := ours(n)
		if err != nil {
			return nil, err
		}
		pairs[i] = pair{float64(our) / float64(n), float64(their) / float64(m)}
	}
	return pairs, nil
}
