package load

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"runtime"

	"golang.org/x/sys/unix"

	"hindsight/game/games/arena"
	"hindsight/game/netcode"
	"hindsight/game/sim/rng"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/mono"
)

// idlers are a process of clients whose pages are in the background: one thread, one epoll set.
type idlers struct {
	addr  string
	to    *unix.SockaddrInet4
	poll  int
	all   []*idler
	away  []*idler // those without a line
	cutAt protocol.Micros
	mute  bool
	going int // lines that are not open yet, before the first cut
	rng   rng.Rand
	tally IdleTally
	enc   frame.Encoder
	dec   frame.Decoder
	out   []byte
	read  [64 << 10]byte
}

// idler is one client. It has no line while fd is 0.
type idler struct {
	index    int
	fd       int
	key      string // of the handshake under way, "" once it is done
	opening  bool   // the kernel is connecting
	seated   bool   // a snapshot has come
	stopped  bool
	token    string
	room     string
	rest     []byte
	failures int             // in a row
	at       protocol.Micros // when to dial
	from     protocol.Micros // when it dialled
	until    protocol.Micros // when it gives the line up, 0 for never
}

// RunIdlers is the process: it connects, lets the page be hidden, and obeys what in says until in ends.
func RunIdlers(cfg IdlersConfig, in io.Reader, out io.Writer) error {
	addr, err := netip.ParseAddrPort(cfg.Addr)
	if err != nil || !addr.Addr().Is4() || cfg.Clients < 1 {
		return fmt.Errorf("load: idlers cannot be started on %q: %w", cfg.Addr, err)
	}
	s := &idlers{addr: cfg.Addr, to: &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}, rng: rng.New(cfg.Seed), mute: cfg.Mute}
	for i := range cfg.Clients {
		s.all = append(s.all, &idler{index: i})
	}
	s.away = append(s.away, s.all...)
	if s.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	defer func() { _ = unix.Close(s.poll) }()
	defer func() {
		for _, c := range s.all {
			s.drop(c)
		}
	}()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return s.run(orders(in), out)
}

// run is the loop, a millisecond at a time.
func (s *idlers) run(words <-chan string, out io.Writer) error {
	events := make([]unix.EpollEvent, 512)
	for {
		select {
		case word, ok := <-words:
			switch {
			case !ok:
				return nil
			case word == wordCut:
				s.cut()
			case word == wordReport:
				if err := json.NewEncoder(out).Encode(&s.tally); err != nil {
					return err
				}
			default:
				return fmt.Errorf("load: no such order: %q", word)
			}
		default:
		}
		if err := s.dial(mono.Now()); err != nil {
			return err
		}
		n, err := unix.EpollWait(s.poll, events, 1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for _, e := range events[:max(n, 0)] {
			if err := s.serve(s.all[e.Fd], e.Events); err != nil {
				return err
			}
		}
		s.judge(mono.Now())
	}
}

// cut resets every line in one moment, as a proxy does that dies. What follows is each client's own.
func (s *idlers) cut() {
	s.cutAt = mono.Now()
	for _, c := range s.all {
		if c.fd != 0 {
			s.lose(c, s.cutAt)
		}
	}
	s.tally = IdleTally{}
}

// dial begins what is due. Before the first cut it goes by no more at once than a server likes that turns people away
// when many have come and not said Hello.
func (s *idlers) dial(now protocol.Micros) error {
	kept := s.away[:0]
	for i, c := range s.away {
		if s.cutAt == 0 && s.going >= mostComing {
			kept = append(kept, s.away[i:]...)
			break
		}
		if c.at > now {
			kept = append(kept, c)
			continue
		}
		if err := s.open(c, now); err != nil {
			return err
		}
	}
	s.away = kept
	return nil
}

// open asks the kernel for a connection.
func (s *idlers) open(c *idler, now protocol.Micros) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("load: idler %d: %w", c.index, err)
	}
	c.fd, c.opening, c.from, c.until = fd, true, now, now+patience(c.failures)
	s.tally.Dials++
	s.going++
	_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}) // a reset, and no TIME_WAIT
	if err := unix.Connect(fd, s.to); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return fmt.Errorf("load: idler %d: %w", c.index, err)
	}
	return unix.EpollCtl(s.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLOUT, Fd: int32(c.index)})
}

// serve does what a line is ready for.
func (s *idlers) serve(c *idler, ready uint32) error {
	if c.fd == 0 {
		return nil
	}
	if c.opening {
		if ready&(unix.EPOLLERR|unix.EPOLLHUP) != 0 {
			s.lose(c, mono.Now())
			return nil
		}
		var nonce [16]byte
		binary.LittleEndian.PutUint64(nonce[:], uint64(c.index))
		c.opening, c.key = false, base64.StdEncoding.EncodeToString(nonce[:])
		if _, err := unix.Write(c.fd, request(s.addr, c.key)); err != nil {
			s.lose(c, mono.Now())
			return nil
		}
		return unix.EpollCtl(s.poll, unix.EPOLL_CTL_MOD, c.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(c.index)})
	}
	s.receive(c)
	return nil
}

// judge gives up lines that take too long.
func (s *idlers) judge(now protocol.Micros) {
	if s.tally.Seated == len(s.all) {
		return
	}
	for _, c := range s.all {
		if c.fd != 0 && c.until != 0 && now > c.until {
			s.tally.Late++
			s.lose(c, now)
		}
	}
}

// drop ends a line.
func (s *idlers) drop(c *idler) {
	if c.fd == 0 {
		return
	}
	_ = unix.Close(c.fd) // which takes it off the epoll set
	if c.seated {
		s.tally.Seated--
	} else {
		s.going--
	}
	c.fd, c.key, c.rest, c.opening, c.seated, c.until = 0, "", c.rest[:0], false, false, 0
}

// lose ends a line and has the client come back when its back-off says.
func (s *idlers) lose(c *idler, now protocol.Micros) {
	s.drop(c)
	c.at = now + netcode.Backoff(&s.rng, c.failures)
	c.failures++
	s.away = append(s.away, c)
}

// stop ends a client for good.
func (s *idlers) stop(c *idler, why string) {
	s.drop(c)
	c.stopped = true
	if s.tally.Stopped++; s.tally.FirstFail == "" {
		s.tally.FirstFail = why
	}
}

// receive reads what came for a client.
func (s *idlers) receive(c *idler) {
	kept := copy(s.read[:], c.rest)
	c.rest = c.rest[:0]
	n, err := unix.Read(c.fd, s.read[kept:])
	now := mono.Now()
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		n = 0
	case err != nil, n == 0:
		s.tally.close(cutLine, 1)
		s.lose(c, now)
		return
	}
	b := s.read[:kept+n]
	if c.key != "" {
		if b = s.upgrade(c, b, now); c.fd == 0 {
			return
		}
	}
	for c.fd != 0 && c.key == "" {
		op, payload, size, err := message(b)
		if err != nil {
			s.stop(c, err.Error())
			return
		}
		if size == 0 {
			break
		}
		s.take(c, op, payload, now)
		b = b[size:]
	}
	if c.fd != 0 {
		c.rest = append(c.rest, b...)
	}
}

// upgrade reads the answer to the handshake, if it is whole, and says Hello. It returns what follows.
func (s *idlers) upgrade(c *idler, b []byte, now protocol.Micros) []byte {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return b
	}
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(b[:end+4])), nil)
	if err == nil && answer.StatusCode == http.StatusServiceUnavailable {
		s.tally.Refused++
		s.lose(c, now) // a browser does not see what it was answered either
		return nil
	}
	if err == nil {
		err = upgraded(answer, c.key)
	}
	if err != nil {
		s.stop(c, err.Error())
		return nil
	}
	if s.mute {
		c.key = ""
		s.settle(c, now)
		return b[end+4:]
	}
	c.key, c.until = "", now+patienceTimes*(c.until-c.from)
	s.out = s.enc.Hello(s.out[:0], &frame.Hello{
		Version: protocol.Version, Game: arena.Game.Name, Build: "load", Name: "Idle", Room: c.room, Token: c.token,
	})
	s.write(c, opBinary, now)
	return b[end+4:]
}

// take does what one message asks for.
func (s *idlers) take(c *idler, op byte, payload []byte, now protocol.Micros) {
	switch op {
	case opBinary:
		if err := s.frame(c, payload, now); err != nil {
			s.stop(c, err.Error())
		}
	case opPing:
		s.out = append(s.out[:0], payload...)
		s.write(c, opPong, now)
	case opClose:
		code := protocol.CloseCode(cutLine)
		if len(payload) >= 2 {
			code = protocol.CloseCode(binary.BigEndian.Uint16(payload))
		}
		s.tally.close(int(code), 1)
		if code.Action() == protocol.Retry {
			s.lose(c, now)
		} else {
			s.stop(c, fmt.Sprintf("closed with %d: %s", code, code.Text()))
		}
	default:
		s.stop(c, errFrame.Error())
	}
}

// frame takes in one of the game's: with the match's start the client says that its page is hidden, and
// from then on nothing, with the first snapshot it is in its seat.
func (s *idlers) frame(c *idler, b []byte, now protocol.Micros) error {
	kind, err := s.dec.Type(b)
	if err != nil {
		return err
	}
	switch kind {
	case frame.TypeWelcome:
		var w frame.Welcome
		if err := s.dec.Welcome(b, &w); err != nil {
			return err
		}
		c.token, c.room = w.Token, w.Room
	case frame.TypeStart:
		var start frame.Start
		if err := s.dec.Start(b, &start); err != nil {
			return err
		}
		s.out = s.enc.Input(s.out[:0], &frame.Input{Hidden: true, Commands: []protocol.Command{{Tick: start.Tick + 1, Press: start.Press}}})
		s.write(c, opBinary, now)
	case frame.TypeSnapshot:
		s.settle(c, now)
	}
	return nil
}

// settle notes that a client has what it came for.
func (s *idlers) settle(c *idler, now protocol.Micros) {
	if c.seated {
		return
	}
	c.seated, c.failures, c.until = true, 0, 0
	s.tally.Seated++
	s.going--
	if s.cutAt != 0 {
		s.tally.Back.Add(int64(now - s.cutAt))
	}
}

// write sends what is in out as one frame.
func (s *idlers) write(c *idler, op byte, now protocol.Micros) {
	b := appendMasked(nil, op, s.out, uint32(c.index)*2654435761)
	if n, err := unix.Write(c.fd, b); err != nil || n < len(b) {
		s.lose(c, now)
	}
}

// mayOpen sees to it that this process and its children may have so many descriptors each.
func mayOpen(files int) error {
	var is unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &is); err != nil {
		return err
	}
	if is.Max >= uint64(files) {
		return nil // Go raises the soft limit by itself
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(files), Max: uint64(files)}); err != nil {
		return fmt.Errorf("load: needs %d file descriptors and may have %d; raise the limit with ulimit -Hn %d: %w", files, is.Max, files, err)
	}
	return nil
}
