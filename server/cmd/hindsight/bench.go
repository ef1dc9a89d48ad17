package main

// benchCmd holds what measures. Each kind of measurement is a command of its own.
type benchCmd struct {
	Netcode benchNetcodeCmd `cmd:"" help:"Measure the netcode in virtual time: do players hit what they see?"`
	Load    benchLoadCmd    `cmd:"" help:"Measure a server under load: CPU, bytes and memory for each client, ticks, frame gaps."`
	Floor   benchFloorCmd   `cmd:"" help:"Measure a server under load against plain gws sending ready frames, in turns."`
	Bytes   benchBytesCmd   `cmd:"" help:"Measure how many bytes a second a client is sent."`
	Storm   benchStormCmd   `cmd:"" help:"Measure what idle players take, and how matches go while all of them are cut and come back."`

	Train        benchTrainCmd        `cmd:"" hidden:"" help:"Make the codes of package delta from real movement."`
	FloorServer  benchFloorServerCmd  `cmd:"" hidden:""`
	LightClients benchLightClientsCmd `cmd:"" hidden:""`
	IdleClients  benchIdleClientsCmd  `cmd:"" hidden:""`
}
