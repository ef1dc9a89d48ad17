package main

// benchCmd holds what measures. Each kind of measurement is a command of its own.
type benchCmd struct {
	Netcode benchNetcodeCmd `cmd:"" help:"Measure the netcode in virtual time: do players hit what they see?"`
}
