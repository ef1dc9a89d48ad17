package netcode

import "testing"

func TestAnErrorHalvesEverySixtyMilliseconds(t *testing.T) {
	var s smoothing
	s.advance(1000 * ms)
	s.add(place{1, 1, 800, -400}, place{1, 1, 0, 0})
	if x, y := s.offset(); x != 800 || y != -400 {
		t.Fatalf("offset %d %d", x, y)
	}
	for i, want := range []int32{400, 200, 100, 50} {
		for range 15 {
			s.advance(s.now + 4*ms)
		}
		if x, y := s.offset(); x < want-1 || x > want || y < -want/2 || y > -want/2+1 {
			t.Errorf("after %d ms: %d %d, want %d %d", 60*(i+1), x, y, want, -want/2)
		}
	}
	s.advance(s.now + 2000*ms)
	if s.x != 0 || s.y != 0 {
		t.Error("something is left after two seconds")
	}
}

func TestErrorsAddUpAndGreatOnesAreNotSmoothed(t *testing.T) {
	var s smoothing
	s.add(place{1, 1, 100, 0}, place{1, 1, 0, 0})
	s.add(place{1, 1, 50, 30}, place{1, 1, 0, 0})
	if x, y := s.offset(); x != 150 || y != 30 {
		t.Errorf("offset %d %d", x, y)
	}
	s.add(place{1, 1, smoothMax, 0}, place{1, 1, 0, 0})
	if s != (smoothing{}) {
		t.Errorf("an error of two bodies is smoothed: %+v", s)
	}
	s.add(place{1, 1, 100, 0}, place{1, 1, 0, 0})
	s.add(place{1, 1, 100, 0}, place{1, 2, 0, 0})
	if s != (smoothing{}) {
		t.Errorf("an error is carried over to another avatar: %+v", s)
	}
}
