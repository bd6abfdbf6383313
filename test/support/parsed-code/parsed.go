// Reads a JSON list of Go programs; writes for each its texts in their order, and how many nodes its tree has.
package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
)

type parsed struct {
	Texts []string `json:"texts"`
	Nodes int      `json:"nodes"`
}

func main() {
	var programs []string
	check(json.NewDecoder(os.Stdin).Decode(&programs))
	all := []parsed{}
	for _, program := range programs {
		all = append(all, parse(program))
	}
	check(json.NewEncoder(os.Stdout).Encode(all))
}

func parse(program string) parsed {
	file, err := parser.ParseFile(token.NewFileSet(), "copied.go", program, parser.AllErrors|parser.ParseComments)
	check(err)
	found := parsed{Texts: []string{}}
	ast.Inspect(file, func(node ast.Node) bool {
		if node != nil {
			found.Nodes++
		}
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, err := strconv.Unquote(literal.Value)
			check(err)
			found.Texts = append(found.Texts, text)
		}
		return true
	})
	return found
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
