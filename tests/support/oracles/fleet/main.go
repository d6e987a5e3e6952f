// Copyright (c) 2026 The keyring.kubernetes authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Answers what Fleet reads from a Secret, with Fleet's own code: one JSON object a line, in and out.
package main

import (
	"fmt"
	"net"
	"strings"

	gogithttp "github.com/go-git/go-git/v5/plumbing/transport/http"
	gogitssh "github.com/go-git/go-git/v5/plumbing/transport/ssh"
	"github.com/rancher/fleet/pkg/git"
	"golang.org/x/crypto/ssh"
	corev1 "k8s.io/api/core/v1"
)

// A question: what does Fleet read from the Secret when it asks for this URL? HostKey is the line of a host key without
// the host: does Fleet accept it from Host?
type question struct {
	Secret  corev1.Secret `json:"secret"`
	URL     string        `json:"url"`
	Host    string        `json:"host"`
	HostKey string        `json:"host_key"`
}

// An answer has what Fleet read, or why it refuses the Secret. HostError is why it refuses the host key.
type answer struct {
	Error     string            `json:"error"`
	Read      map[string]string `json:"read"`
	HostError string            `json:"host_error"`
}

func main() {
	serve(reply)
}

func reply(asked question) answer {
	method, err := git.GetAuthFromSecret(asked.URL, &asked.Secret)
	if err != nil {
		return answer{Error: err.Error()}
	}
	switch credentials := method.(type) {
	case *gogithttp.BasicAuth:
		return answer{Read: map[string]string{"username": credentials.Username, "password": credentials.Password}}
	case *gogitssh.PublicKeys:
		told := answer{Read: map[string]string{
			"user":       credentials.User,
			"public_key": strings.TrimSpace(string(ssh.MarshalAuthorizedKey(credentials.Signer.PublicKey()))),
		}}
		if err := check(credentials.HostKeyCallback, asked); err != nil {
			told.HostError = err.Error()
		}
		return told
	}
	return answer{Error: fmt.Sprintf("no credentials in a Secret of the type %q", asked.Secret.Type)}
}

// Whether the callback takes the host key for that of the host.
func check(callback ssh.HostKeyCallback, asked question) error {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(asked.HostKey))
	if err != nil {
		return err
	}
	address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 22}
	return callback(net.JoinHostPort(asked.Host, "22"), address, key)
}
