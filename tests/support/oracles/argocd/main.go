// Copyright (c) 2026 The keyring.kubernetes authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Answers what Argo CD reads from a Secret, with Argo CD's own code: one JSON object a line, in and out.
package main

import (
	"context"
	"fmt"
	"io"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/util/db"
	"github.com/argoproj/argo-cd/v3/util/git"
	"github.com/argoproj/argo-cd/v3/util/settings"
	"github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

// A question: what does Argo CD read from the Secret when it asks for this URL? As is the kind of Secret that it looks
// for: repository, repository-write, repo-creds or repo-write-creds.
type question struct {
	Secret  corev1.Secret `json:"secret"`
	As      string        `json:"as"`
	URL     string        `json:"url"`
	Project string        `json:"project"`
}

// An answer has what Argo CD read, as its own type has it, and the types of its credentials for Git, Helm and OCI.
type answer struct {
	Error string `json:"error"`
	Read  any    `json:"read"`
	Git   string `json:"git"`
	Helm  string `json:"helm"`
	OCI   string `json:"oci"`
}

func main() {
	logrus.SetOutput(io.Discard)
	serve(reply)
}

func reply(asked question) answer {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	database := open(ctx, &asked.Secret)
	switch asked.As {
	case "repo-creds", "repo-write-creds":
		read := database.GetRepositoryCredentials
		if asked.As == "repo-write-creds" {
			read = database.GetWriteRepositoryCredentials
		}
		creds, err := read(ctx, asked.URL)
		if err != nil {
			return answer{Error: err.Error()}
		}
		if creds == nil {
			return answer{Error: "no credentials for this URL"}
		}
		return answer{Read: creds}
	case "repository", "repository-write":
		read := database.GetRepository
		if asked.As == "repository-write" {
			read = database.GetWriteRepository
		}
		repository, err := read(ctx, asked.URL, asked.Project)
		if err != nil {
			return answer{Error: err.Error()}
		}
		return answer{
			Read: repository,
			Git:  fmt.Sprintf("%T", repository.GetGitCreds(git.NoopCredsStore{})),
			Helm: fmt.Sprintf("%T", repository.GetHelmCreds()),
			OCI:  fmt.Sprintf("%T", repository.GetOCICreds()),
		}
	}
	return answer{Error: "what is " + asked.As + "?"}
}

// The database of an Argo CD in the namespace of the Secret, with its own objects and this one.
func open(ctx context.Context, secret *corev1.Secret) db.ArgoDB {
	own := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	client := fake.NewClientset(
		secret,
		&corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: common.ArgoCDConfigMapName, Namespace: secret.Namespace, Labels: own},
		},
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: common.ArgoCDSecretName, Namespace: secret.Namespace, Labels: own},
			Data:       map[string][]byte{"admin.password": []byte("x"), "server.secretkey": []byte("x")},
		},
	)
	return db.NewDB(secret.Namespace, settings.NewSettingsManager(ctx, client, secret.Namespace), client)
}
