// Copyright (c) 2026 The keyring.kubernetes authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Answers which credentials programs find for an image: in a config.json, or in a pull secret. With the libraries of
// kaniko, crane and ko (go-containerregistry), Docker and BuildKit (docker/cli), Podman and Buildah (podman.io/image):
// one JSON object a line, in and out.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/docker/cli/cli/config"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/authn/kubernetes"
	"github.com/google/go-containerregistry/pkg/name"
	podman "go.podman.io/image/v5/pkg/docker/config"
	"go.podman.io/image/v5/types"
	corev1 "k8s.io/api/core/v1"
)

// A question to one library: which credentials has this Secret for the image? The key is config.json for all but the
// reader of pull secrets.
type question struct {
	Secret corev1.Secret `json:"secret"`
	As     string        `json:"as"`
	Image  string        `json:"image"`
}

type login struct {
	Username string `json:"username"`
	Password string `json:"password"`
	Token    string `json:"token"`
}

type answer struct {
	Error string `json:"error"`
	Read  login  `json:"read"`
}

var readers = map[string]func(question, name.Reference, string) (login, error){
	"docker":               readAsDocker,
	"go-containerregistry": readAsCrane,
	"podman":               readAsPodman,
	"pull-secret":          readPullSecret,
}

func main() {
	serve(reply)
}

func reply(asked question) answer {
	// The folder in which the Secret is mounted.
	folder, err := os.MkdirTemp("", "oracle-registries-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	for key, value := range asked.Secret.Data {
		if err := os.WriteFile(filepath.Join(folder, key), value, 0o600); err != nil {
			panic(err)
		}
	}
	image, err := name.ParseReference(asked.Image)
	if err != nil {
		return answer{Error: err.Error()}
	}
	read, err := readers[asked.As](asked, image, folder)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Read: read}
}

// As the docker command and buildctl: by the registry alone.
func readAsDocker(_ question, image name.Reference, folder string) (login, error) {
	file, err := config.Load(folder)
	if err != nil {
		return login{}, err
	}
	registry := image.Context().RegistryStr()
	if registry == name.DefaultRegistry {
		registry = authn.DefaultAuthKey
	}
	found, err := file.GetAuthConfig(registry)
	if err != nil {
		return login{}, err
	}
	token := found.IdentityToken
	if token == "" {
		token = found.RegistryToken
	}
	return login{Username: found.Username, Password: found.Password, Token: token}, nil
}

// As kaniko and crane, which DOCKER_CONFIG tells where the file is.
func readAsCrane(_ question, image name.Reference, folder string) (login, error) {
	if err := os.Setenv("DOCKER_CONFIG", folder); err != nil {
		return login{}, err
	}
	return resolve(authn.DefaultKeychain, image)
}

// As podman --authfile.
func readAsPodman(_ question, image name.Reference, folder string) (login, error) {
	system := &types.SystemContext{AuthFilePath: filepath.Join(folder, "config.json")}
	found, err := podman.GetCredentials(system, image.Context().Name())
	if err != nil {
		return login{}, err
	}
	return login{Username: found.Username, Password: found.Password, Token: found.IdentityToken}, nil
}

// As the controllers that look for images with a pull secret: Flux, kpack, Kyverno, Tekton Chains.
func readPullSecret(asked question, image name.Reference, _ string) (login, error) {
	keychain, err := kubernetes.NewFromPullSecrets(context.Background(), []corev1.Secret{asked.Secret})
	if err != nil {
		return login{}, err
	}
	return resolve(keychain, image)
}

func resolve(keychain authn.Keychain, image name.Reference) (login, error) {
	found, err := keychain.Resolve(image.Context())
	if err != nil {
		return login{}, err
	}
	if found == authn.Anonymous {
		return login{}, fmt.Errorf("no credentials for %s", image.Context())
	}
	said, err := found.Authorization()
	if err != nil {
		return login{}, err
	}
	token := said.IdentityToken
	if token == "" {
		token = said.RegistryToken
	}
	return login{Username: said.Username, Password: said.Password, Token: token}, nil
}
