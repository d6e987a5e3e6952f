// Copyright (c) 2026 The keyring.kubernetes authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Answers what Flux reads from a Secret, with Flux's own code: one JSON object a line, in and out.
package main

import (
	"context"
	"net/url"

	"github.com/fluxcd/pkg/auth/githubapp"
	"github.com/fluxcd/pkg/git"
	"github.com/fluxcd/pkg/runtime/secrets"
	corev1 "k8s.io/api/core/v1"
)

// A question: what does Flux read from the Secret when it asks for this URL? As is what it looks for: git, github_app
// or proxy.
type question struct {
	Secret corev1.Secret `json:"secret"`
	As     string        `json:"as"`
	URL    string        `json:"url"`
}

// An answer has the parts of a credential that Flux read, by the names of the options of gitsync_secret; or why it
// refuses the Secret.
type answer struct {
	Error string            `json:"error"`
	Read  map[string]string `json:"read"`
}

var readers = map[string]func(question) (map[string]string, error){
	"git":        readGit,
	"github_app": readApp,
	"proxy":      readProxy,
}

func main() {
	serve(reply)
}

func reply(asked question) answer {
	read, err := readers[asked.As](asked)
	if err != nil {
		return answer{Error: err.Error(), Read: given(read)}
	}
	return answer{Read: given(read)}
}

// The parts that are not empty.
func given(read map[string]string) map[string]string {
	parts := map[string]string{}
	for name, value := range read {
		if value != "" {
			parts[name] = value
		}
	}
	return parts
}

// As getAuthOpts of source-controller does, which needs no public key; runtime/secrets reads that.
func readGit(asked question) (map[string]string, error) {
	parsed, err := url.Parse(asked.URL)
	if err != nil {
		return nil, err
	}
	options, err := git.NewAuthOptions(*parsed, asked.Secret.Data)
	if err != nil {
		return nil, err
	}
	if options.Transport == git.SSH {
		keys, err := secrets.SSHAuthFromSecret(context.Background(), &asked.Secret)
		if err != nil {
			return nil, err
		}
		return map[string]string{
			"private_key": string(options.Identity),
			"public_key":  string(keys.PublicKey),
			"known_hosts": string(options.KnownHosts),
			"passphrase":  options.Password,
		}, nil
	}
	return map[string]string{
		"username":           options.Username,
		"password":           options.Password,
		"bearer_token":       options.BearerToken,
		"ca_certificate":     string(options.CAFile),
		"client_certificate": string(options.ClientCert),
		"client_key":         string(options.ClientKey),
	}, nil
}

// As source-controller does for spec.provider=github. New reads the private key and the numbers, and asks nobody.
func readApp(asked question) (map[string]string, error) {
	methods, err := secrets.AuthMethodsFromSecret(context.Background(), &asked.Secret, secrets.WithTLSSystemCertPool())
	if err != nil {
		return nil, err
	}
	if _, err := githubapp.New(githubapp.WithAppData(methods.GitHubAppData)); err != nil {
		return nil, err
	}
	data := methods.GitHubAppData
	read := map[string]string{
		"id":              string(data[githubapp.KeyAppID]),
		"installation_id": string(data[githubapp.KeyAppInstallationID]),
		"owner":           string(data[githubapp.KeyAppInstallationOwner]),
		"private_key":     string(data[githubapp.KeyAppPrivateKey]),
		"base_url":        string(data[githubapp.KeyAppBaseURL]),
	}
	if methods.TLS != nil {
		read["tls"] = "configured"
		if len(methods.TLS.Certificates) > 0 {
			read["tls"] = "with a client certificate"
		}
	}
	return read, nil
}

func readProxy(asked question) (map[string]string, error) {
	proxy, err := secrets.ProxyURLFromSecret(context.Background(), &asked.Secret)
	if err != nil {
		return nil, err
	}
	return map[string]string{"proxy": proxy.String()}, nil
}
