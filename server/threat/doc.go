// Package threat attacks a whole server, as it is run, and checks that nobody else notices. It has
// tests only.
//
// Every test raises a server on loopback with a canary: a match of complete clients that play on
// through the attack. Afterwards the canary's snapshots must still follow one another on the
// connections that it began with, the attacker must have been told the one close code that its deed
// deserves, the metric that an operator would look at must have counted it, and what it cost in
// memory, goroutines and places must have been given back.
//
// SECURITY.md, in the folder above, lists the attacks by number, what each is answered with, and the
// test that proves it, here or where the thing is made; a test keeps that table true. What only one
// package can see is attacked there: the raw sockets in package session, for example, with a fake room
// behind them. Nothing here measures speed: that a match stays on time is load's business.
package threat
