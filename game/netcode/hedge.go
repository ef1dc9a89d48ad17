package netcode

import "hindsight/protocol"

// When a second line is tried, and for how long. TCP may take seconds to find out that a path is
// back: its timer doubles with each attempt, so after an outage of D it may lie still for another D.
// A new connection asks at once. What decides the time of recovery is then how often it asks: the
// packet that opens a connection is lost in an outage too, and the kernel repeats it only after 1, 3
// and 7 s. So a dial that has not opened in the time it should take is dropped for a fresh one. Only
// one is under way at a time, because browsers open one WebSocket to a host after the other.
//
// After the link is back, the newest state is there within one such time, two round trips to open
// (three with TLS) and one for Hello and the snapshot, and the first command half of one later:
//
//	dial time + 3.5 RTT + 2 frames  <=  500 ms + 4 RTT
//
// Both directions have a timer of their own, and after an outage one of them may be back a second
// before the other: frames come in while nothing goes out. So a line is silent as well when the server
// has not heard what was sent, and a frame ends the race only if it says that commands arrive.
//
// A dial time of 360 ms or 2.25 RTT keeps this for every round trip up to 200 ms. With TLS it takes
// at least 3 RTT, so that from an RTT of 100 ms on the unluckiest outage lasts up to 1.7 RTT longer.
const (
	silenceLeast = 700 * protocol.Millisecond
	silenceBase  = 650 * protocol.Millisecond
	ackSlack     = 60 * protocol.Millisecond  // from a command sent to word of it, beyond the round trip
	ackFresh     = 250 * protocol.Millisecond // the same, of a line that is well again
	dialLeast    = 360 * protocol.Millisecond
	dialSpread   = 60 * protocol.Millisecond // at random, so that a crowd does not ask in step
	dialMost     = 8 * protocol.Second
	learntMost   = protocol.Second
	answerTimes  = 3 // a line that has said hello is waited for that much longer
)

// suspicion is how much silence at this round trip says that the path is gone. A lost segment stops
// the line for a round trip and a quarter. Where its retransmission is lost too, RACK finds out in
// another; a system without it waits for a timeout, which is the round trip and 200 ms and doubles. With
// 60 frames a second, 3 % loss loses one retransmission every twenty seconds, two in a row every ten
// minutes and three in a row every few hours: two are waited for, which take 4.25 RTT + 600 ms.
func suspicion(rtt protocol.Micros) protocol.Micros {
	return max(silenceLeast, rtt*17/4+silenceBase)
}

// dialTime is how long a line may take to open where the path has fallen silent. Quickest is the
// shortest time that any took, 0 while unknown: it knows of TLS and of proxies.
func dialTime(rtt, quickest protocol.Micros) protocol.Micros {
	return max(dialLeast, max(2*rtt, min(quickest, learntMost))*9/8)
}
