// A client of another family: ovh/kmip-go goes through what it can do, and fails where an answer is not what it has to be.
// Arguments: address, certificate, private key, CA certificate, KMIP version such as 1.2.
package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/ovh/kmip-go"
	"github.com/ovh/kmip-go/kmipclient"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func require(ok bool, what string) {
	if !ok {
		log.Fatal(what)
	}
}

func connect() *kmipclient.Client {
	versions := map[string]kmip.ProtocolVersion{
		"1.0": kmip.V1_0, "1.1": kmip.V1_1, "1.2": kmip.V1_2, "1.3": kmip.V1_3, "1.4": kmip.V1_4,
	}
	return must(kmipclient.Dial(os.Args[1],
		kmipclient.WithClientCertFiles(os.Args[2], os.Args[3]),
		kmipclient.WithRootCAFile(os.Args[4]),
		kmipclient.WithKmipVersions(versions[os.Args[5]]),
	))
}

func symmetric(client *kmipclient.Client, version string) {
	name := "kmip-go " + version
	usage := kmip.CryptographicUsageEncrypt | kmip.CryptographicUsageDecrypt
	id := must(client.Create().AES(256, usage).WithName(name).WithAttribute("x-tag", "a").Exec()).UniqueIdentifier
	found := must(client.Locate().WithName(name).Exec()).UniqueIdentifier
	require(len(found) == 1 && found[0] == id, "locate")
	got := must(client.Get(id).Exec()).Object.(*kmip.SymmetricKey)
	require(len(must(got.KeyMaterial())) == 32, "get")
	must(client.ModifyAttribute(id, "x-tag", "b").Exec())
	attributes := must(client.GetAttributes(id, "x-tag").Exec()).Attribute
	require(len(attributes) == 1 && strings.Contains(fmt.Sprint(attributes[0].AttributeValue), "b"), fmt.Sprint(attributes))
	must(client.DeleteAttribute(id, "x-tag").Exec())
	must(client.Activate(id).Exec())
	must(client.ObtainLease(id).Exec())
	must(client.Archive(id).Exec())
	must(client.Recover(id).Exec())
	if version >= "1.2" {
		encryption(client, id)
	}
	next := must(client.Rekey(id).Exec()).UniqueIdentifier
	require(next != id, "re-key")
	must(client.Revoke(id).WithRevocationReasonCode(kmip.RevocationReasonCodeCessationOfOperation).Exec())
	must(client.Destroy(id).Exec())
	_, err := client.Get(id).Exec()
	require(err != nil, "a destroyed key was given")
}

func encryption(client *kmipclient.Client, id string) {
	suite := kmip.CryptographicParameters{BlockCipherMode: kmip.BlockCipherModeCBC, PaddingMethod: kmip.PaddingMethodPKCS5}
	iv, text := bytes.Repeat([]byte{7}, 16), []byte("some text")
	sealed := must(client.Encrypt(id).WithCryptographicParameters(suite).WithIvCounterNonce(iv).Data(text).Exec()).Data
	opened := must(client.Decrypt(id).WithCryptographicParameters(suite).WithIvCounterNonce(iv).Data(sealed).Exec()).Data
	require(bytes.Equal(opened, text), "decrypt")
}

func others(client *kmipclient.Client, version string) {
	key := must(rsa.GenerateKey(rand.Reader, 2048))
	id := must(client.Register().RsaPrivateKey(key, kmip.CryptographicUsageSign).WithName("rsa " + version).Exec()).UniqueIdentifier
	back := must(must(client.Get(id).Exec()).Object.(*kmip.PrivateKey).RSA())
	require(back.Equal(key), "RSA key")
	secret := must(client.Register().SecretString(kmip.SecretDataTypePassword, "a password").Exec()).UniqueIdentifier
	text := must(must(client.Get(secret).Exec()).Object.(*kmip.SecretData).Data())
	require(string(text) == "a password", "secret data")
	pair := must(client.CreateKeyPair().RSA(2048, kmip.CryptographicUsageSign, kmip.CryptographicUsageVerify).Exec())
	require(pair.PrivateKeyUniqueIdentifier != pair.PublicKeyUniqueIdentifier, "key pair")
	if version >= "1.1" {
		must(client.RekeyKeyPair(pair.PrivateKeyUniqueIdentifier).Exec())
	}
	must(client.Query().All().Exec())
}

func main() {
	client := connect()
	defer client.Close()
	version := os.Args[5]
	symmetric(client, version)
	others(client, version)
	fmt.Println("done in", version)
}
