// Copyright (c) 2026 The keyring.kubernetes authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Answers questions about Git credentials with the code of Flux, Argo CD and Fleet: one JSON object a line, in and out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	argocd "github.com/argoproj/argo-cd/v3/util/git"
	flux "github.com/fluxcd/pkg/git"
	"github.com/fluxcd/pkg/git/gogit"
	"github.com/fluxcd/pkg/git/repository"
	gogitcore "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing/transport"
	gogitssh "github.com/go-git/go-git/v5/plumbing/transport/ssh"
	"github.com/go-git/go-git/v5/storage/memory"
	"github.com/sirupsen/logrus"
)

// A question to one consumer: may it read the repository at the URL with the data of the Secret? Argo CD has its host
// keys elsewhere. Other is for Argo CD alone: is that URL the same repository to it?
type question struct {
	Consumer   string            `json:"consumer"`
	URL        string            `json:"url"`
	Other      string            `json:"other"`
	Data       map[string]string `json:"data"`
	KnownHosts string            `json:"known_hosts"`
}

// An answer has what the consumer complains about, nothing where it read the repository. SSH is whether Argo CD
// takes the URL for one of SSH, Same whether it takes the other one for the same repository.
type answer struct {
	Error string `json:"error"`
	SSH   bool   `json:"ssh"`
	Same  bool   `json:"same"`
}

var readers = map[string]func(question, string) error{
	"argocd": readAsArgoCD,
	"fleet":  readAsFleet,
	"flux":   readAsFlux,
}

func main() {
	logrus.SetOutput(io.Discard)
	directory, err := os.MkdirTemp("", "git-consumers-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(directory) }()
	encoder := json.NewEncoder(os.Stdout)
	decoder := json.NewDecoder(bufio.NewReader(os.Stdin))
	for number := 0; ; number++ {
		var asked question
		err := decoder.Decode(&asked)
		if err == io.EOF {
			break
		}
		if err != nil {
			panic(err)
		}
		own := filepath.Join(directory, fmt.Sprint(number))
		if err := os.Mkdir(own, 0o700); err != nil {
			panic(err)
		}
		if err := encoder.Encode(reply(asked, own)); err != nil {
			panic(err)
		}
	}
}

func reply(asked question, directory string) answer {
	if asked.Other != "" || asked.Data == nil {
		ssh, _ := argocd.IsSSHURL(asked.URL)
		return answer{SSH: ssh, Same: argocd.SameURL(asked.URL, asked.Other)}
	}
	if err := readers[asked.Consumer](asked, directory); err != nil {
		return answer{Error: err.Error()}
	}
	return answer{}
}

// As reconcileSource of source-controller does, without the part that asks the API server.
func readAsFlux(asked question, directory string) error {
	parsed, err := url.Parse(asked.URL)
	if err != nil {
		return err
	}
	data := map[string][]byte{}
	for key, value := range asked.Data {
		data[key] = []byte(value)
	}
	credentials, err := flux.NewAuthOptions(*parsed, data)
	if err != nil {
		return err
	}
	options := []gogit.ClientOption{gogit.WithDiskStorage()}
	if credentials.Transport == flux.HTTP {
		options = append(options, gogit.WithInsecureCredentialsOverHTTP())
	}
	client, err := gogit.NewClient(directory, credentials, options...)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err = client.Clone(ctx, asked.URL, repository.CloneConfig{
		CheckoutStrategy: repository.CheckoutStrategy{Branch: "main"},
		ShallowClone:     true,
	})
	return err
}

// As Repository.GetGitCreds and TestRepo of Argo CD do.
func readAsArgoCD(asked question, directory string) error {
	known := filepath.Join(directory, "ssh_known_hosts")
	if err := os.WriteFile(known, []byte(asked.KnownHosts), 0o600); err != nil {
		return err
	}
	if err := os.Setenv("ARGOCD_SSH_DATA_PATH", directory); err != nil {
		return err
	}
	var credentials argocd.Creds = argocd.NopCreds{}
	if asked.Data["password"] != "" || asked.Data["bearerToken"] != "" {
		credentials = argocd.NewHTTPSCreds(
			asked.Data["username"], asked.Data["password"], asked.Data["bearerToken"], "", "", false, argocd.NoopCredsStore{}, false,
		)
	} else if asked.Data["sshPrivateKey"] != "" {
		credentials = argocd.NewSSHCreds(asked.Data["sshPrivateKey"], "", false, "")
	}
	return argocd.TestRepo(asked.URL, credentials, false, false, "", "")
}

// As GetAuthFromSecret of Fleet does for SSH; its module cannot be had.
func readAsFleet(asked question, directory string) error {
	endpoint, err := transport.NewEndpoint(asked.URL)
	if err != nil {
		return err
	}
	user := endpoint.User
	if user == "" {
		user = "git"
	}
	credentials, err := gogitssh.NewPublicKeys(user, []byte(asked.Data["ssh-privatekey"]), "")
	if err != nil {
		return err
	}
	known := filepath.Join(directory, "known_hosts")
	if err := os.WriteFile(known, []byte(asked.Data["known_hosts"]), 0o600); err != nil {
		return err
	}
	credentials.HostKeyCallback, err = gogitssh.NewKnownHostsCallback(known)
	if err != nil {
		return err
	}
	remote := gogitcore.NewRemote(memory.NewStorage(), &config.RemoteConfig{Name: "origin", URLs: []string{asked.URL}})
	_, err = remote.List(&gogitcore.ListOptions{Auth: credentials})
	return err
}
