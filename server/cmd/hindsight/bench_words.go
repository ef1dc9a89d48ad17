package main

// definitions says in the report how each metric is measured.
const definitions = `## How it is measured

The laboratory sees both ends on one clock. A player's first five seconds, in which clocks settle, are
left out. "Less the ways" takes off the one-way latency of both players' links, without jitter.
Conditions hold for every player and both directions. Jitter is an exponential delay of that mean on
top; loss is a share of TCP segments, each of which holds up all that follows it until it was sent
again; stalls take each player's network down once every 30 s.

1. **Hit agreement**: of the shots whose hits a client foresaw from what it drew, the share in which
   the room's verdict names the same targets and hits. Shots that were never judged count against it
   like the denied ones. Left out are the excused, which were judged otherwise than foreseen, or not at
   all, because somebody else had a hand in it before anybody could know: the target had died, or the
   shooter had been hit or pushed.
2. **View reconstruction error**: every row drawn of others against what the room would rewind to for
   the same view, in every frame.
3. **Solo mispredictions**: own rows predicted by a lone player that differ from the room's.
4. **Corrections** by cause. "By others" is damage, pushes and contested items, which nobody can
   predict; "unknown" is a bug.
5. **Late inputs**: commands that arrived after their tick; and ticks that had no command.
6. **Wait**: from a command's arrival at the room to its tick.
7. **Local input to own screen**: ticks by which the own avatar was drawn behind the newest command.
8. **Hand to another's screen**: from the frame in which a client read the hands for a tick to the first
   frame of another client whose picture differs because of it.
9. **Delay**: the newest snapshot received less the moment drawn.
10. **Underruns**: times the moment drawn ran past the newest snapshot, and the share of time.
11. **Drawn speed error**: how far the moment drawn moved in a frame against the time that passed; a
    remote of constant velocity is drawn too fast or too slow by as much. A screen that stands still is
    100 % off.
12. **Tick lateness** and 13. **duration**: a room on the real clock, clients in the same process.
14. **Bytes**: payload; on the wire with 78 bytes for the headers of each frame. The goal is about
    sixteen players.
15. **Encoded once for all**: bytes of snapshots copied from encodings that all players share; the rest are
    a player's own row, events and headers.
16. **Age of snapshots** on arrival, less the way. The trial's link carries two thirds of what the room
    would send; "of the possible" is how much of that link was used.
18. **Recovery**: from the moment the network is back until the newest snapshot is on the screen's side,
    a command was used in its tick, and the clock error is below a tick.
19. **Dead peer**: from the pull of the cable until the room says so. **False alarms**: of players who
    were only stalled.
20. **Reconnect**: from opening a socket to the first snapshot of the same seat, with the round trips of
    TCP and the upgrade; TLS 1.3 adds one.
21. **Clock error**: the client's idea of the server's time against the truth.
22. **Way of a victim**: between where a hit found it and where it was when the room judged. **Oldest
    view** is what the limit on rewinding allowed.
23. **Peeker's advantage**: from a player's own screen to another's.
24. **Speed gained**: the longest way run in any second with inputs held back, sent in bursts or doubled,
    against an honest client's on a clean link.
26. **Desync**: from a bit flipped in a client's predicted state until it reports a correction of unknown
    cause.
28. **Joining**: all bytes up to and with the first snapshot; the time includes the handshakes.

`
