// Copyright (c) 2026 The keyring.kubernetes authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Answers questions about pull secrets with the kubelet's own code: one JSON object a line, in and out.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/credentialprovider"
	"k8s.io/kubernetes/pkg/credentialprovider/secrets"
	"k8s.io/kubernetes/pkg/util/parsers"
)

// A question: the Secrets of a Pod, in order, and the images of its containers.
type question struct {
	Secrets []struct {
		Type string            `json:"type"`
		Data map[string][]byte `json:"data"`
	} `json:"secrets"`
	Images []string `json:"images"`
}

// An answer has either a refusal of the Pod (its kind, and the path to a field of the wrong type) or a lookup for each image,
// and the entries of each Secret by server.
type answer struct {
	Refusal string                  `json:"refusal"`
	Lookups []lookup                `json:"lookups"`
	Entries []map[string]credential `json:"entries"`
}

// A lookup has the name as it is looked up, empty when the image is none, and the credentials in order.
type lookup struct {
	Name        string       `json:"name"`
	Credentials []credential `json:"credentials"`
}

// A credential has the position of its Secret; its texts are base64, as they need not be UTF-8.
type credential struct {
	Secret   int    `json:"secret"`
	Username string `json:"username"`
	Password string `json:"password"`
	Email    string `json:"email"`
}

func main() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	output := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(output)
	decoder := json.NewDecoder(bufio.NewReader(os.Stdin))
	for {
		var asked question
		err := decoder.Decode(&asked)
		if err == io.EOF {
			break
		}
		if err == nil {
			err = encoder.Encode(reply(asked))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := output.Flush(); err != nil {
		panic(err)
	}
}

func reply(asked question) answer {
	pulls := make([]v1.Secret, 0, len(asked.Secrets))
	for position, secret := range asked.Secrets {
		pulls = append(pulls, v1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: strconv.Itoa(position)},
			Type:       v1.SecretType(secret.Type),
			Data:       secret.Data,
		})
	}
	keyring, err := secrets.MakeDockerKeyring(pulls, &credentialprovider.BasicDockerKeyring{})
	if err != nil {
		return answer{Refusal: kind(err)}
	}
	lookups := make([]lookup, 0, len(asked.Images))
	for _, image := range asked.Images {
		lookups = append(lookups, look(keyring, image))
	}
	return answer{Lookups: lookups, Entries: read(pulls)}
}

// The keyring does not tell its entries, so they are read as secrets.MakeDockerKeyring does it.
func read(pulls []v1.Secret) []map[string]credential {
	all := make([]map[string]credential, 0, len(pulls))
	for position, secret := range pulls {
		var config credentialprovider.DockerConfigJSON
		var err error
		if data := secret.Data[v1.DockerConfigJsonKey]; secret.Type == v1.SecretTypeDockerConfigJson && len(data) > 0 {
			err = json.Unmarshal(data, &config)
		} else if data := secret.Data[v1.DockerConfigKey]; secret.Type == v1.SecretTypeDockercfg && len(data) > 0 {
			err = json.Unmarshal(data, &config.Auths)
		}
		if err != nil {
			panic(err)
		}
		entries := map[string]credential{}
		for server, entry := range config.Auths {
			entries[encode(server)] = credential{position, encode(entry.Username), encode(entry.Password), encode(entry.Email)}
		}
		all = append(all, entries)
	}
	return all
}

func look(keyring credentialprovider.DockerKeyring, image string) lookup {
	found := []credential{}
	name, _, _, err := parsers.ParseImageName(image)
	if err != nil {
		return lookup{Credentials: found}
	}
	matches, _ := keyring.Lookup(name)
	for _, match := range matches {
		position, err := strconv.Atoi(match.Source.Secret.Name)
		if err != nil {
			panic(err)
		}
		found = append(found, credential{position, encode(match.Username), encode(match.Password), encode(match.Email)})
	}
	return lookup{name, found}
}

func encode(text string) string {
	return base64.StdEncoding.EncodeToString([]byte(text))
}

func kind(err error) string {
	var syntax *json.SyntaxError
	var wrongType *json.UnmarshalTypeError
	var notBase64 base64.CorruptInputError
	switch {
	case errors.As(err, &syntax):
		return "not_json"
	case errors.As(err, &wrongType):
		return "wrong_type " + wrongType.Field
	case errors.As(err, &notBase64):
		return "not_base64"
	case strings.Contains(err.Error(), "must be formatted as"):
		return "no_colon"
	}
	return err.Error()
}
