package load

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"runtime"

	"golang.org/x/sys/unix"

	"hindsight/game/games/arena"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/mono"
)

// swarm is a client process: one thread, one epoll set, no goroutine for a client.
type swarm struct {
	cfg     SwarmConfig
	to      *unix.SockaddrInet4
	poll    int
	clients []*light // by the phase at which they send
	began   protocol.Micros
	turn    int             // whose turn to send is next, counted on and on
	waiting []int           // clients to connect, in order
	coming  int             // connected, without a snapshot yet
	again   protocol.Micros // not before
	tally   Tally
	enc     frame.Encoder
	input   frame.Input
	read    [64 << 10]byte
	plain   []byte // a frame to send, and
	masked  []byte // masked
}

// light is one client. It has no socket while fd is 0.
type light struct {
	index  int
	fd     int
	key    string // of the handshake under way, "" once it is done
	rest   []byte // the start of a frame
	hands  *hands
	seenAt protocol.Micros // when the newest snapshot came
}

// RunSwarm is the client process: it connects, plays, and obeys what in says until in ends.
func RunSwarm(cfg SwarmConfig, in io.Reader, out io.Writer) error {
	addr, err := netip.ParseAddrPort(cfg.Addr)
	if err != nil || !addr.Addr().Is4() || cfg.Clients < 1 || cfg.Messages < 1 {
		return fmt.Errorf("load: clients cannot be started on %q: %w", cfg.Addr, err)
	}
	s := &swarm{cfg: cfg, to: &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}}
	for i := range cfg.Clients {
		s.clients = append(s.clients, &light{index: i, hands: newHands(i, cfg.TickRate, cfg.Messages)})
		s.waiting = append(s.waiting, i)
	}
	if s.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	defer func() { _ = unix.Close(s.poll) }()
	defer func() {
		for _, c := range s.clients {
			s.drop(c)
		}
	}()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return s.run(orders(in), out)
}

// run is the loop: a millisecond at a time it reads what came and sends what is due.
func (s *swarm) run(words <-chan string, out io.Writer) error {
	events := make([]unix.EpollEvent, 512)
	s.began = mono.Now()
	for {
		select {
		case word, ok := <-words:
			if !ok {
				return nil
			}
			if err := s.tally.obey(word, out); err != nil {
				return err
			}
		default:
		}
		if len(s.waiting) > 0 && s.coming < mostComing && mono.Now() >= s.again { // up to a thousand in a second
			if err := s.open(s.waiting[0]); err != nil {
				return err
			}
			s.waiting = s.waiting[1:]
		}
		n, err := unix.EpollWait(s.poll, events, 1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for _, e := range events[:max(n, 0)] {
			s.receive(s.clients[e.Fd])
		}
		s.send(mono.Now())
	}
}

// open connects client i and asks for the upgrade.
func (s *swarm) open(i int) error {
	c := s.clients[i]
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("load: client %d: %w", i, err)
	}
	c.fd = fd
	s.coming++
	if err := unix.Connect(fd, s.to); err != nil {
		return fmt.Errorf("load: client %d: %w", i, err)
	}
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}) // leaves no TIME_WAIT behind
	if err := unix.SetNonblock(fd, true); err != nil {
		return err
	}
	var nonce [16]byte
	binary.LittleEndian.PutUint64(nonce[:], uint64(i))
	c.key = base64.StdEncoding.EncodeToString(nonce[:])
	if _, err := unix.Write(fd, request(s.cfg.Addr, c.key)); err != nil {
		return fmt.Errorf("load: client %d: %w", i, err)
	}
	return unix.EpollCtl(s.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)})
}

// drop ends a connection.
func (s *swarm) drop(c *light) {
	if c.fd != 0 {
		_ = unix.Close(c.fd) // which takes it off the epoll set
		c.fd, c.rest = 0, c.rest[:0]
		if c.seenAt == 0 {
			s.coming--
		}
	}
	if c.seenAt != 0 {
		s.tally.Playing--
		c.seenAt = 0
	}
}

// lose ends a connection that should have gone on.
func (s *swarm) lose(c *light, code int, why error) {
	s.drop(c)
	s.tally.fail(code, why)
}

// mostComing is how many clients are on their way in at once. A server turns people away at the door when too
// many have come and not said Hello.
const mostComing = 128

// retryAfter is how long nobody knocks when somebody found a room full.
const retryAfter = 20 * protocol.Millisecond

// cutLine is how a connection ended that said nothing.
const cutLine = 1006

// receive reads what came for a client.
func (s *swarm) receive(c *light) {
	if c.fd == 0 {
		return
	}
	kept := copy(s.read[:], c.rest)
	c.rest = c.rest[:0]
	n, err := unix.Read(c.fd, s.read[kept:])
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
		n = 0
	} else if err != nil || n == 0 {
		s.lose(c, cutLine, errors.Join(io.ErrUnexpectedEOF, err))
		return
	}
	now, b := mono.Now(), s.read[:kept+n]
	if c.key != "" {
		if b, err = s.upgrade(c, b); err != nil {
			s.lose(c, cutLine, err)
			return
		}
	}
	for c.fd != 0 && c.key == "" {
		op, payload, size, err := message(b)
		if err != nil {
			s.lose(c, cutLine, err)
			return
		}
		if size == 0 {
			break
		}
		s.take(now, c, op, payload, size)
		b = b[size:]
	}
	if c.fd != 0 {
		c.rest = append(c.rest, b...)
	}
}

// upgrade reads the answer to the handshake, if it is whole, and says Hello. It returns what follows.
func (s *swarm) upgrade(c *light, b []byte) ([]byte, error) {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return b, nil
	}
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(b[:end+4])), nil)
	if err != nil {
		return nil, err
	}
	if err := upgraded(answer, c.key); err != nil {
		return nil, err
	}
	c.key = ""
	s.plain = s.enc.Hello(s.plain[:0], &frame.Hello{Version: protocol.Version, Game: arena.Game.Name, Build: "load", Name: "Light"})
	return b[end+4:], s.write(c, opBinary, s.plain)
}

// take does what one message asks for.
func (s *swarm) take(now protocol.Micros, c *light, op byte, payload []byte, size int) {
	switch op {
	case opBinary:
		snapshot, err := s.cfg.Plain, error(nil)
		if snapshot {
			c.hands.ready(now, s.cfg.Every)
		} else if snapshot, err = c.hands.receive(now, payload); err != nil {
			s.lose(c, cutLine, err)
			return
		}
		if snapshot {
			s.saw(now, c, size)
		}
	case opPing:
		if err := s.write(c, opPong, payload); err != nil {
			s.lose(c, cutLine, err)
		}
	case opClose:
		code := 1005 // none was given
		if len(payload) >= 2 {
			code = int(binary.BigEndian.Uint16(payload))
		}
		if code == int(protocol.CloseRoomFull) && c.seenAt == 0 { // others took the last seat meanwhile
			s.drop(c)
			s.tally.Retried++
			s.waiting, s.again = append(s.waiting, c.index), now+retryAfter
			return
		}
		s.lose(c, code, errors.New("the server closed the connection"))
	default:
		s.lose(c, cutLine, errFrame)
	}
}

// saw counts a snapshot.
func (s *swarm) saw(now protocol.Micros, c *light, size int) {
	if c.seenAt == 0 {
		s.tally.Playing++
		s.coming--
	} else {
		s.tally.Gaps.Add(int64(now - c.seenAt))
	}
	c.seenAt = now
	s.tally.Frames++
	s.tally.Bytes += uint64(size)
}

// send gives every client its turn that is due: they are spread evenly over the time between two messages.
func (s *swarm) send(now protocol.Micros) {
	for {
		due := s.began + protocol.Micros(s.turn)*protocol.Second/protocol.Micros(s.cfg.Messages*len(s.clients))
		if due > now {
			return
		}
		c := s.clients[s.turn%len(s.clients)]
		s.turn++
		if c.fd == 0 || !c.hands.playing || !c.hands.input(now, &s.input) {
			continue
		}
		s.tally.Behind.Add(int64(now - due))
		s.plain = s.enc.Input(s.plain[:0], &s.input)
		switch err := s.write(c, opBinary, s.plain); {
		case errors.Is(err, unix.EAGAIN):
			s.tally.Unsent++
		case err != nil:
			s.lose(c, cutLine, err)
		default:
			s.tally.Inputs++
			s.tally.InBytes += uint64(len(s.masked))
			s.tally.Commands += uint64(len(s.input.Commands))
		}
	}
}

// write sends one frame, whole or not at all.
func (s *swarm) write(c *light, op byte, payload []byte) error {
	s.masked = appendMasked(s.masked[:0], op, payload, uint32(s.turn)*2654435761)
	n, err := unix.Write(c.fd, s.masked)
	if err == nil && n < len(s.masked) {
		return io.ErrShortWrite
	}
	return err
}
