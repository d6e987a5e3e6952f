// Copyright (c) 2026 The keyring.kubernetes authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Compiles regular expressions with Go: a JSON list of them in, a JSON list of errors out.
package main

import (
	"encoding/json"
	"os"
	"regexp"
)

func main() {
	var expressions []string
	if err := json.NewDecoder(os.Stdin).Decode(&expressions); err != nil {
		panic(err)
	}
	errors := make([]string, len(expressions))
	for number, expression := range expressions {
		if _, err := regexp.Compile(expression); err != nil {
			errors[number] = err.Error()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(errors); err != nil {
		panic(err)
	}
}
