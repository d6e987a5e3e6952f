// Copyright (c) 2026 The keyring.kubernetes authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// A part of every program here: programs.py builds it with the main.go of each.
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
)

// Serve answers the questions of the standard input, one JSON object a line, until it ends.
func serve[Question, Answer any](reply func(Question) Answer) {
	encoder := json.NewEncoder(os.Stdout)
	decoder := json.NewDecoder(bufio.NewReader(os.Stdin))
	for {
		var asked Question
		err := decoder.Decode(&asked)
		if err == io.EOF {
			return
		}
		if err != nil {
			panic(err)
		}
		if err := encoder.Encode(reply(asked)); err != nil {
			panic(err)
		}
	}
}
