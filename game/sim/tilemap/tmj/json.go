package tmj

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"hindsight/game/sim/tilemap"
)

// The part of Tiled's JSON format that a map needs; the rest (colours, editor state) is skipped.
// See "JSON Map Format" in Tiled's documentation. A class is spelled "type" in files of Tiled up to
// 1.8 and from 1.10 on, and "class" in those of 1.9.

type file struct {
	Type        string
	Orientation string
	Infinite    bool
	Width       int
	Height      int
	TileWidth   int
	TileHeight  int
	Layers      []layer
	Tilesets    []tileset
	Properties  []property
}

type layer struct {
	Name        string
	Type        string
	Width       int
	Height      int
	OffsetX     pixels
	OffsetY     pixels
	Encoding    string
	Compression string
	Data        json.RawMessage
	Objects     []object
	Layers      []layer
}

// gids decodes a tile layer's data.
func (l *layer) gids() ([]uint32, error) {
	if l.Encoding != "" && l.Encoding != "csv" {
		return nil, fail("layer %q is saved as %s: set Map > Map Properties > Tile Layer Format to CSV",
			l.Name, strings.TrimSpace(l.Encoding+" "+l.Compression))
	}
	var gids []uint32
	if err := json.Unmarshal(l.Data, &gids); err != nil {
		return nil, fail("layer %q: data is not a list of tile numbers: %w", l.Name, err)
	}
	return gids, nil
}

type object struct {
	ID            int
	Name          string
	Type, Class   string
	X, Y          pixels
	Width, Height pixels
	Rotation      pixels
	GID           uint32
	Properties    []property
	// Shapes that have no middle worth the name.
	Polygon, Polyline []struct{}
}

func (o *object) class() string {
	if o.Type != "" {
		return o.Type
	}
	return o.Class
}

type property struct {
	Name  string
	Type  string
	Value json.RawMessage
}

// integer returns the property's value, which must be an int.
func (p *property) integer() (int32, error) {
	v, err := strconv.ParseInt(string(p.Value), 10, 32)
	if p.Type != "int" || err != nil {
		return 0, fail("property %q is the %s %s, want an int", p.Name, p.Type, p.Value)
	}
	if len(p.Name) > tilemap.MaxNameBytes {
		return 0, fail("property name %q is longer than %d bytes", p.Name, tilemap.MaxNameBytes)
	}
	return int32(v), nil
}

// text returns the property's value, which must be a string.
func (p *property) text() (s string, err error) {
	if json.Unmarshal(p.Value, &s) != nil {
		return "", fail("property %q is the %s %s, want a string", p.Name, p.Type, p.Value)
	}
	return s, nil
}

type tileset struct {
	FirstGID  uint32
	Source    string // of an external one
	Name      string
	TileCount uint32
	Tiles     []struct {
		ID          uint32
		Type, Class string
	}
}

// class returns the class of the tile with that local id, "" if it has none.
func (s *tileset) class(id uint32) string {
	for i := range s.Tiles {
		if t := &s.Tiles[i]; t.ID == id {
			if t.Type != "" {
				return t.Type
			}
			return t.Class
		}
	}
	return ""
}

// readTilesets replaces references to external tilesets by what they refer to.
func readTilesets(fsys fs.FS, dir string, sets []tileset) ([]tileset, error) {
	if len(sets) == 0 {
		return nil, fail("no tileset")
	}
	for i := range sets {
		s := &sets[i]
		if i > 0 && s.FirstGID <= sets[i-1].FirstGID || s.FirstGID == 0 {
			return nil, fail("tileset %q begins at tile %d, want tilesets in ascending order from 1", s.Name, s.FirstGID)
		}
		if s.Source == "" {
			continue
		}
		if path.Ext(s.Source) == ".tsx" {
			return nil, fail("tileset %s is in XML: in Tiled embed it in the map, or export it as .tsj", s.Source)
		}
		first, source := s.FirstGID, path.Join(dir, s.Source)
		if !fs.ValidPath(source) {
			return nil, fail("tileset %s lies outside the folder of maps: embed it in the map", s.Source)
		}
		*s = tileset{}
		if err := readJSON(fsys, source, s); err != nil {
			return nil, fmt.Errorf("tileset %s: %w (save it there, or embed it in the map)", source, err)
		}
		s.FirstGID = first
	}
	return sets, nil
}

// pixels is a decimal number of pixels, read into 1/256 without going through a float.
type pixels int32

// UnmarshalJSON reads a JSON number without exponent.
func (p *pixels) UnmarshalJSON(b []byte) error {
	digits, negative := strings.CutPrefix(string(b), "-")
	whole, part, _ := strings.Cut(digits, ".")
	n, err := strconv.ParseUint(whole, 10, 20)
	if err != nil {
		return fmt.Errorf("%s is not a coordinate", b)
	}
	// Six digits after the point tell far more than 256ths apart.
	part = (part + "000000")[:6]
	f, err := strconv.ParseUint(part, 10, 32)
	if err != nil {
		return fmt.Errorf("%s is not a coordinate", b)
	}
	*p = pixels(n<<8 + (f*256+500000)/1000000)
	if negative {
		*p = -*p
	}
	return nil
}

// units returns p as text for an error.
func (p pixels) units() string { return strconv.Itoa(int(p) / 256) }

// readJSON reads one JSON value that is the whole file.
func readJSON(fsys fs.FS, name string, v any) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return err
	}
	if len(b) > maxFileBytes {
		return fail("the file is larger than %d MB", maxFileBytes>>20)
	}
	err = json.Unmarshal(b, v)
	if at := (*json.SyntaxError)(nil); errors.As(err, &at) {
		return fail("not JSON, line %d: %w", 1+bytes.Count(b[:at.Offset], []byte("\n")), err)
	}
	if at := (*json.UnmarshalTypeError)(nil); errors.As(err, &at) {
		return fail("line %d: %s is a %s, want a %s", 1+bytes.Count(b[:at.Offset], []byte("\n")), at.Field, at.Value, at.Type)
	}
	if err != nil {
		return fail("%w", err)
	}
	return nil
}
