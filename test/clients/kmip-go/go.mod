module kmip-edge/test/clients/kmip-go

go 1.24.0

require github.com/ovh/kmip-go v0.7.0
