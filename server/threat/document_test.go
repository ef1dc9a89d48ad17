package threat

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"hindsight/server"
	"hindsight/server/session"
)

// attacks is how many rows the table of attacks has.
const attacks = 60

// document returns the table rows of SECURITY.md under a heading, as their cells.
func document(t *testing.T, heading string) (rows [][]string) {
	t.Helper()
	b, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(b), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("SECURITY.md has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), " | ") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		rows = append(rows, cells)
	}
	return rows[1:] // without the head
}

var named = regexp.MustCompile("`([a-z/]+) ((?:Test|Fuzz)\\w+)`")

// Every attack has its row, and every test that a row names exists.
func TestEveryAttackIsProven(t *testing.T) {
	rows := document(t, "Attacks")
	if len(rows) != attacks {
		t.Errorf("%d attacks, want %d", len(rows), attacks)
	}
	for i, row := range rows {
		if len(row) != 4 || row[0] != strconv.Itoa(i+1) {
			t.Errorf("row %d is %q", i+1, row)
			continue
		}
		tests := named.FindAllStringSubmatch(row[3], -1)
		applies := !strings.HasPrefix(row[2], "does not apply") && !strings.HasPrefix(row[2], "not promised")
		if applies && len(tests) == 0 || len(tests) != strings.Count(row[3], "`")/2 {
			t.Errorf("row %d names tests as %q", i+1, row[3])
		}
		for _, n := range tests {
			if !exists(t, n[1], n[2]) {
				t.Errorf("row %d: there is no %s in %s", i+1, n[2], n[1])
			}
		}
	}
}

// exists reports whether a package has a test.
func exists(t *testing.T, pkg, test string) bool {
	t.Helper()
	files, err := filepath.Glob("../../" + pkg + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "\nfunc "+test+"(") {
			return true
		}
	}
	return false
}

// The limits are those of the code, with their defaults and metrics.
func TestEveryLimitIsDocumented(t *testing.T) {
	rows := document(t, "Limits")
	if len(rows) != len(server.Limits) {
		t.Errorf("%d limits, want %d", len(rows), len(server.Limits))
	}
	for i, row := range rows {
		l := &server.Limits[i]
		if want := []string{"`" + l.Name + "`", l.Default(), l.Help, "`" + l.Metric + "`"}; fmt.Sprint(row) != fmt.Sprint(want) {
			t.Errorf("limit %d is %q, want %q", i, row, want)
		}
	}
	b, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	d := session.DefaultLimits()
	for _, want := range []string{
		fmt.Sprintf("`--max-connections`\n(%d)", d.Connections), fmt.Sprintf("`--max-per-address` (%d)", d.PerAddress),
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("SECURITY.md lacks %q", want)
		}
	}
}

// unsafeMarkup makes markup or code of a text.
var unsafeMarkup = regexp.MustCompile(`(?i:innerHTML|outerHTML|javascript:)|\b(setHTMLUnsafe|insertAdjacentHTML|createContextualFragment|DOMParser|srcdoc|document\.write|eval\(|new Function\()`)

// What people call themselves and say is put on the page as text, never as markup: no source of the page
// has another way to put it there, and its policy runs no script that came in nevertheless.
func TestThePageMakesNoMarkupOfText(t *testing.T) {
	sources := 0
	err := filepath.WalkDir("../../client-web/src", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(filepath.Ext(path), ".ts") {
			return err
		}
		sources++
		b, err := os.ReadFile(path)
		for i, line := range strings.Split(string(b), "\n") {
			if unsafeMarkup.MatchString(line) {
				t.Errorf("%s:%d: %s", path, i+1, strings.TrimSpace(line))
			}
		}
		return err
	})
	if err != nil || sources < 100 {
		t.Errorf("%d sources were found: %v", sources, err)
	}
	page, err := os.ReadFile("../../client-web/index.html")
	if err != nil {
		t.Fatal(err)
	}
	if inline := regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>\s*[^<\s]|\son\w+\s*=|javascript:`).Find(page); inline != nil {
		t.Errorf("the page has a script inside: %s", inline)
	}
}
