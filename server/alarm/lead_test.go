package alarm

import (
	"testing"

	"hindsight/protocol"
)

func TestTheLeadLeavesOneWakeUpInTenEarly(t *testing.T) {
	// Waking takes 40 to 139 us, every value alike often.
	var l lead
	early := 0
	const settled, n = 2000, 20_000
	for i := range settled + n {
		late := protocol.Micros(40+i*37%100) - protocol.Micros(l)
		if i >= settled && late < 0 {
			early++
		}
		l.learn(late)
	}
	if early < n*8/100 || early > n*12/100 {
		t.Errorf("%d of %d wake-ups were early", early, n)
	}
}

func TestTheLeadIsBounded(t *testing.T) {
	var l lead
	for range 2 * leadMost {
		l.learn(50_000)
	}
	if l != leadMost {
		t.Errorf("lead %d us, want %d at most", l, leadMost)
	}
	for range leadMost {
		l.learn(-1)
	}
	if l != 0 {
		t.Errorf("lead %d us after early wake-ups, want 0", l)
	}
}
