module keyring.kubernetes/go-regexp

go 1.26
