package main

import (
	"fmt"
	"os"

	"hindsight/server/load"
)

// benchTrainCmd makes the lengths of the codes that stand in protocol/delta/head.go. They are part of the
// protocol: other ones are another version.
type benchTrainCmd struct {
	Trace   []string `help:"Movement traces, each as important as the arena." type:"existingfile" placeholder:"FILE"`
	Seconds float64  `help:"How long the arena is played, in virtual time." default:"60"`
	Seed    uint64   `help:"Seed of the arena and its bots." default:"2"`
}

// Run prints the codes.
func (c *benchTrainCmd) Run() error {
	var traces []*load.Trace
	for _, name := range c.Trace {
		t, err := readTrace(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		traces = append(traces, t)
	}
	codes, err := load.Train(traces, c.Seconds, c.Seed)
	if err != nil {
		return err
	}
	for _, l := range codes.Heads {
		fmt.Printf("head %q,\n", l)
	}
	fmt.Printf("size %q\n", codes.Sizes)
	return nil
}

func readTrace(name string) (*load.Trace, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return load.ReadTrace(f)
}
