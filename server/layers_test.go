package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// module is the module's path; all other paths here are relative to it.
const module = "hindsight"

// floors is the import policy. A package may import packages of lower floors and of its own tree,
// never its own floor's others and never a higher one. "x" is a package alone, "x/..." a tree, and
// "x/*" says that each folder in x is the root of a tree.
var floors = [][]string{
	{"protocol"},
	{"protocol/wire", "protocol/simnet"},
	{"protocol/delta"},
	{"protocol/delta/deltatest"},
	{"protocol/frame"},
	{"game/sim/...", "game/rating"},
	{"game"},
	{"game/netcode/...", "game/replay/..."},
	{"game/gametest/...", "game/games/*"},
	{"game/games"},
	// From here on: shells, which own goroutines, clocks and sockets.
	{"server/alloctest", "server/confusable", "server/throttle", "server/calm", "server/turnstile", "server/matchmaking", "server/party"},
	{"server/mono", "server/alarm", "server/deploy", "server/metrics", "server/storage/...", "server/replication", "server/moderation"},
	{"server/identity/..."},
	{"server/ticket"},
	{"server/room/..."},
	{"server/session/...", "server/node/...", "server/replays", "server/admin", "server/bots/...", "server/lab/...", "server/nightly", "server/threat"},
	{"server/lobby/...", "server/load"},
	{"server/cluster/...", "server/api"},
	{"server"},
	{"client-web"},
	{"server/cmd/*", "client-web/wasm"},
}

// pure are the trees that compile to WebAssembly, replay exactly and are tested in virtual time; and
// the server's machines, which are told the time and promise equal results for equal calls.
var pure = []string{"protocol", "game", "server/matchmaking", "server/party"}

// simulation are those among them whose results must be equal on every machine: no floats.
var simulation = []string{"game/sim", "game/games", "game"}

// unclean are imports that a pure package may not have: clocks, chance, the outside world, other
// goroutines.
var unclean = []string{
	"time", "os", "os/...", "net", "net/...", "sync", "sync/...", "context", "syscall", "syscall/...",
	"runtime", "runtime/...", "math/rand", "math/rand/v2", "crypto/rand", "log", "log/...", "unique", "weak",
	"C",
}

// modules are what pure packages may import from outside the standard library.
var modules = []string{"github.com/vmihailenco/msgpack/v5", "github.com/google/uuid"}

// only are packages that few may import: the rest of the server is given the files of the client,
// clients have no map reader, which would carry encoding/json into the browser, and only tests measure
// what is allocated.
var only = map[string][]string{
	"client-web":           {"server/cmd/hindsight"},
	"server/alloctest":     nil,
	"game/sim/tilemap/tmj": {"game/games/"},
}

// heavy are packages that must not reach the browser, directly or not: each adds a tenth or more to
// what a player downloads.
var heavy = []string{"encoding/json", "net", "net/http", "regexp", "text/template", "html/template", "log/slog", "crypto/tls"}

// excused are places where a rule does not apply, by file and rule, with the reason.
var excused = map[string]string{
	"protocol/close.go: map range": "CloseCodes promises no order, and no simulation calls it",
}

// source is one package of the module as the go command lists it.
type source struct {
	ImportPath, Dir, Export string
	GoFiles, Imports        []string
	Standard                bool

	path  string // relative to the module
	files []*ast.File
}

// repo is everything the rules look at.
type repo struct {
	t        *testing.T
	root     string
	fset     *token.FileSet
	packages []*source           // of this module, with their files parsed
	exports  map[string]string   // import path to export data, of all
	imports  map[string][]string // import path to imports, of all
}

func TestLayers(t *testing.T) {
	r := load(t)
	t.Run("imports point down", r.importsPointDown)
	t.Run("pure imports", r.pureImports)
	t.Run("few may import", r.fewMayImport)
	t.Run("package docs", r.packageDocs)
	t.Run("pure code", r.pureCode)
	t.Run("browser size", r.browserSize)
}

// load lists and parses the module. Test files are not looked at: tests may do what they need.
func load(t *testing.T) *repo {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	r := &repo{t: t, root: filepath.Dir(filepath.Dir(here)), fset: token.NewFileSet(), exports: map[string]string{}, imports: map[string][]string{}}
	r.look()
	for _, s := range r.list(nil, "./...") {
		r.take(s)
	}
	for _, s := range r.list(nil, "-deps", "-export", "./protocol/...", "./game/...") {
		r.exports[s.ImportPath] = s.Export
	}
	for _, s := range r.list([]string{"GOOS=js", "GOARCH=wasm"}, "-deps", "./client-web/wasm") {
		r.imports[s.ImportPath] = s.Imports
		if s.ImportPath == module+"/client-web/wasm" {
			r.take(s)
		}
	}
	if len(r.packages) < 10 {
		t.Fatalf("only %d packages found below %s", len(r.packages), r.root)
	}
	return r
}

// look reads every folder of ours. The go command remembers a test's result until a file or folder
// changes that the test itself has opened; what it learns from go list does not count.
func (r *repo) look() {
	for _, dir := range []string{"protocol", "game", "server", "client-web/wasm"} {
		if err := filepath.WalkDir(filepath.Join(r.root, dir), func(_ string, _ os.DirEntry, err error) error { return err }); err != nil {
			r.t.Fatal(err)
		}
	}
}

// take adds a package of this module and parses it.
func (r *repo) take(s *source) {
	rel, ok := strings.CutPrefix(s.ImportPath, module+"/")
	if !ok || len(s.GoFiles) == 0 {
		return
	}
	s.path = rel
	for _, name := range s.GoFiles {
		f, err := parser.ParseFile(r.fset, filepath.Join(s.Dir, name), nil, parser.ParseComments)
		if err != nil {
			r.t.Fatal(err)
		}
		s.files = append(s.files, f)
	}
	r.packages = append(r.packages, s)
}

// list runs go list.
func (r *repo) list(env []string, args ...string) []*source {
	r.t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Export,GoFiles,Imports,Standard"}, args...)...)
	cmd.Dir = r.root
	cmd.Env = append(os.Environ(), env...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("go list: %v\n%s", err, &complaints)
	}
	var all []*source
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		s := new(source)
		if err := dec.Decode(s); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, s)
	}
}

// at names a place relative to the module, so that an editor finds it.
func (r *repo) at(p token.Pos) string {
	pos := r.fset.Position(p)
	return fmt.Sprintf("%s:%d", r.file(p), pos.Line)
}

// file is the file of a place, relative to the module.
func (r *repo) file(p token.Pos) string {
	rel, err := filepath.Rel(r.root, r.fset.Position(p).Filename)
	if err != nil {
		r.t.Fatal(err)
	}
	return filepath.ToSlash(rel)
}

// floorOf returns a package's floor and the root of its tree; ok is false for one that is not listed.
func floorOf(pkg string) (floor int, tree string, ok bool) {
	for i, patterns := range floors {
		for _, p := range patterns {
			root, whole := strings.CutSuffix(p, "/...")
			each, any := strings.CutSuffix(p, "/*")
			switch {
			case pkg == p, whole && within(pkg, root):
				if len(root) >= len(tree) {
					floor, tree, ok = i, root, true
				}
			case any && within(pkg, each) && pkg != each:
				folder, _, _ := strings.Cut(pkg[len(each)+1:], "/")
				if root := each + "/" + folder; len(root) >= len(tree) {
					floor, tree, ok = i, root, true
				}
			}
		}
	}
	return floor, tree, ok
}

// within reports that a path is root or below it.
func within(p, root string) bool { return p == root || strings.HasPrefix(p, root+"/") }

func matches(p string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		root, tree := strings.CutSuffix(pattern, "/...")
		return p == pattern || tree && within(p, root)
	})
}

// eachImport calls f with every import of ours.
func (r *repo) eachImport(f func(s *source, spec *ast.ImportSpec, target string)) {
	for _, s := range r.packages {
		for _, file := range s.files {
			for _, spec := range file.Imports {
				f(s, spec, strings.Trim(spec.Path.Value, `"`))
			}
		}
	}
}

func (r *repo) importsPointDown(t *testing.T) {
	for _, s := range r.packages {
		if _, _, ok := floorOf(s.path); !ok {
			t.Errorf("%s: package %s has no floor; give it one in floors", r.at(s.files[0].Package), s.path)
		}
	}
	r.eachImport(func(s *source, spec *ast.ImportSpec, target string) {
		target, ours := strings.CutPrefix(target, module+"/")
		from, tree, ok := floorOf(s.path)
		to, other, listed := floorOf(target)
		if ours && ok && listed && tree != other && to >= from {
			t.Errorf("%s: %s (floor %d) imports %s (floor %d): imports point down", r.at(spec.Pos()), s.path, from, target, to)
		}
	})
}

func (r *repo) pureImports(t *testing.T) {
	r.eachImport(func(s *source, spec *ast.ImportSpec, target string) {
		if !isPure(s.path) || within(target, module) {
			return
		}
		switch standard := !strings.Contains(strings.Split(target, "/")[0], "."); {
		case standard && matches(target, unclean):
			t.Errorf("%s: %s is pure and imports %s", r.at(spec.Pos()), s.path, target)
		case !standard && !slices.ContainsFunc(modules, func(m string) bool { return within(target, m) }):
			t.Errorf("%s: %s imports %s; pure packages have the standard library, msgpack and uuid", r.at(spec.Pos()), s.path, target)
		}
	})
}

func isPure(pkg string) bool {
	return slices.ContainsFunc(pure, func(root string) bool { return within(pkg, root) })
}

func (r *repo) fewMayImport(t *testing.T) {
	r.eachImport(func(s *source, spec *ast.ImportSpec, target string) {
		few, ok := only[strings.TrimPrefix(target, module+"/")]
		if ok && !slices.ContainsFunc(few, func(p string) bool { return s.path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(s.path, p) }) {
			t.Errorf("%s: %s imports %s, which only %v may", r.at(spec.Pos()), s.path, target, few)
		}
	})
}

func (r *repo) packageDocs(t *testing.T) {
	for _, s := range r.packages {
		opens := "Package " + s.files[0].Name.Name + " "
		if s.files[0].Name.Name == "main" {
			opens = "Command "
		}
		if !slices.ContainsFunc(s.files, func(f *ast.File) bool { return f.Doc != nil && strings.HasPrefix(f.Doc.Text(), opens) }) {
			t.Errorf("%s: package %s has no doc that begins with %q", r.at(s.files[0].Package), s.path, opens)
		}
	}
}

// browserSize checks what the client core draws in.
func (r *repo) browserSize(t *testing.T) {
	start := module + "/client-web/wasm"
	if _, ok := r.imports[start]; !ok {
		t.Fatal("client-web/wasm was not found")
	}
	from := map[string]string{start: ""} // who was seen first to import it
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		for _, target := range r.imports[queue[0]] {
			if _, seen := from[target]; !seen {
				from[target] = queue[0]
				queue = append(queue, target)
			}
		}
	}
	for _, h := range heavy {
		if _, ok := from[h]; ok {
			chain := h
			for p := from[h]; p != ""; p = from[p] {
				chain = p + " -> " + chain
			}
			t.Errorf("the browser would download %s: %s", h, chain)
		}
	}
}

// pureCode type-checks the pure packages and looks at every node of them.
func (r *repo) pureCode(t *testing.T) {
	checked := 0
	lookup := func(p string) (io.ReadCloser, error) {
		file, ok := r.exports[p]
		if !ok || file == "" {
			return nil, fmt.Errorf("no export data for %s", p)
		}
		return os.Open(file)
	}
	conf := types.Config{Importer: importer.ForCompiler(r.fset, "gc", lookup)}
	for _, s := range r.packages {
		if !isPure(s.path) {
			continue
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
		if _, err := conf.Check(s.ImportPath, r.fset, s.files, info); err != nil {
			t.Fatal(err)
		}
		exact := slices.ContainsFunc(simulation, func(root string) bool { return s.path == root || root != "game" && within(s.path, root) })
		for _, f := range s.files {
			v := &visitor{repo: r, t: t, info: info, exact: exact}
			ast.Inspect(f, v.visit)
		}
		checked++
	}
	if checked < 8 {
		t.Fatalf("only %d pure packages were checked", checked)
	}
}

// visitor looks at one pure file.
type visitor struct {
	repo  *repo
	t     *testing.T
	info  *types.Info
	exact bool // floats are forbidden as well
	line  int  // of the last complaint about a float: one for each line is enough
}

// complain reports a broken rule, unless it is excused.
func (v *visitor) complain(p token.Pos, rule string) {
	if _, ok := excused[v.repo.file(p)+": "+rule]; !ok {
		v.t.Errorf("%s: %s in pure code", v.repo.at(p), rule)
	}
}

func (v *visitor) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt:
		v.complain(n.Pos(), "go statement")
	case *ast.SelectStmt:
		v.complain(n.Pos(), "select")
	case *ast.ChanType:
		v.complain(n.Pos(), "channel")
	case *ast.RangeStmt:
		v.overMap(n)
	case ast.Expr:
		v.float(n)
	}
	return true
}

// overMap complains about an order that differs from run to run: ranging over a map, or over what
// package maps makes of one.
func (v *visitor) overMap(n *ast.RangeStmt) {
	if _, ok := v.info.TypeOf(n.X).Underlying().(*types.Map); ok {
		v.complain(n.Pos(), "map range")
	}
	if call, ok := n.X.(*ast.CallExpr); ok {
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
			if f, ok := v.info.Uses[sel.Sel].(*types.Func); ok && f.Pkg() != nil && f.Pkg().Path() == "maps" {
				v.complain(n.Pos(), "map range")
			}
		}
	}
}

// float complains about floating point, whose last bit depends on the machine and the compiler.
func (v *visitor) float(e ast.Expr) {
	if !v.exact {
		return
	}
	tv, ok := v.info.Types[e]
	if !ok || tv.Type == nil {
		return
	}
	basic, ok := tv.Type.Underlying().(*types.Basic)
	if !ok || basic.Info()&(types.IsFloat|types.IsComplex) == 0 {
		return
	}
	if line := v.repo.fset.Position(e.Pos()).Line; line != v.line {
		v.line = line
		v.complain(e.Pos(), "floating point")
	}
}

// The policy itself is checked too: a rule that matches nothing protects nothing.
func TestFloorOf(t *testing.T) {
	for pkg, want := range map[string]string{
		"protocol": "protocol", "protocol/frame": "protocol/frame", "game/sim/fixed": "game/sim",
		"game/games/arena": "game/games/arena", "game/games/arena/maps": "game/games/arena",
		"game/games": "game/games", "server/room/walk": "server/room", "server/cmd/hindsight": "server/cmd/hindsight",
		"server": "server", "client-web/wasm": "client-web/wasm",
	} {
		if _, tree, ok := floorOf(pkg); !ok || tree != want {
			t.Errorf("%s belongs to the tree %q, want %q", pkg, tree, want)
		}
	}
	for _, pkg := range []string{"util", "server/util", "protocol/frame/x", "gamestuff"} {
		if _, tree, ok := floorOf(pkg); ok {
			t.Errorf("%s is taken for a part of %q", pkg, tree)
		}
	}
	for file := range excused {
		name, _, _ := strings.Cut(file, ":")
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(path.Clean(name)))); err != nil {
			t.Errorf("an excuse for a file that is gone: %v", err)
		}
	}
}
