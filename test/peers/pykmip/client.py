"""What PyKMIP's client does to its server, one act a line on standard input; answers are lines: DIRECTORY PORT."""

import sys

from kmip.core import enums
from kmip.pie.client import ProxyKmipClient

directory, port = sys.argv[1], int(sys.argv[2])
client = ProxyKmipClient(
    hostname="127.0.0.1",
    port=port,
    cert=f"{directory}/client.pem",
    key=f"{directory}/client.key",
    ca=f"{directory}/ca.pem",
    ssl_version="PROTOCOL_TLSv1_2",
    kmip_version=enums.KMIPVersion.KMIP_1_4,
    config="client",
    config_file=f"{directory}/pykmip.conf",
)


def make(name):
    return client.create(enums.CryptographicAlgorithm.AES, 256, name=name)


def state(uid):
    _, attributes = client.get_attributes(uid, ["State"])
    return attributes[0].attribute_value.value.value


def revoke(uid):
    client.revoke(enums.RevocationReasonCode.KEY_COMPROMISE, uid)
    return "done"


acts = {
    "make": make,
    "bytes": lambda uid: client.get(uid).value.hex(),
    "activate": lambda uid: client.activate(uid) or "done",
    "state": state,
    "revoke": revoke,
}
with client:
    for line in sys.stdin:
        act, argument = line.split()
        print(acts[act](argument), flush=True)
