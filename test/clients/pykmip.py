"""A foreign client: Debian's PyKMIP goes through a key's whole life and tells each step as a line of JSON.

Arguments: host, port, certificate, private key, CA certificate, KMIP version such as 1.2. Nothing is judged here: the
TypeScript test that starts this does that.
"""

import json
import ssl
import sys

from kmip import enums
from kmip.core.attributes import Name
from kmip.core.objects import Attribute
from kmip.pie import exceptions, objects
from kmip.pie.client import ProxyKmipClient

if not hasattr(ssl, "wrap_socket"):
    # Python 3.12 dropped the function that PyKMIP 0.10 calls.
    def wrap_socket(sock, keyfile=None, certfile=None, cert_reqs=ssl.CERT_NONE, ssl_version=None, ca_certs=None,
                    server_side=False, do_handshake_on_connect=True, suppress_ragged_eofs=True, ciphers=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = cert_reqs
        context.load_verify_locations(ca_certs)
        context.load_cert_chain(certfile, keyfile)
        return context.wrap_socket(sock, do_handshake_on_connect=do_handshake_on_connect,
                                   suppress_ragged_eofs=suppress_ragged_eofs)

    ssl.wrap_socket = wrap_socket

host, port, certificate, key, authority, version = sys.argv[1:7]
client = ProxyKmipClient(
    hostname=host, port=int(port), cert=certificate, key=key, ca=authority,
    kmip_version=enums.KMIPVersion["KMIP_" + version.replace(".", "_")],
)


def tell(step, act):
    """Prints what `act` gives, or the reason and text with which it was refused."""
    try:
        result = act()
        print(json.dumps({"step": step, "ok": True, "result": result}), flush=True)
        return result
    except exceptions.KmipOperationFailure as refusal:
        line = {"step": step, "ok": False, "reason": refusal.reason.name, "text": refusal.message}
        print(json.dumps(line), flush=True)
        return None


def attributes(uid, *names):
    return {str(a.attribute_name.value): str(a.attribute_value) for a in client.get_attributes(uid, list(names))[1]}


def new_key(name):
    masks = [enums.CryptographicUsageMask.ENCRYPT, enums.CryptographicUsageMask.DECRYPT]
    return client.create(enums.CryptographicAlgorithm.AES, 256, name=name, cryptographic_usage_mask=masks)


def register():
    masks = [enums.CryptographicUsageMask.ENCRYPT]
    return client.register(objects.SymmetricKey(enums.CryptographicAlgorithm.AES, 128, b"0123456789abcdef", masks=masks,
                                                name="registered " + version))


def locate(name):
    wanted = Attribute(
        attribute_name=Attribute.AttributeName("Name"),
        attribute_value=Name.create(name, enums.NameType.UNINTERPRETED_TEXT_STRING),
    )
    return client.locate(attributes=[wanted])


def revoke(uid, reason):
    client.revoke(reason, uid, "from PyKMIP")


with client:
    name = "pykmip " + version
    uid = tell("create", lambda: new_key(name))
    tell("create twice", lambda: new_key(name))
    tell("locate", lambda: locate(name))
    tell("get", lambda: client.get(uid).value.hex())
    tell("get again", lambda: client.get(uid).value.hex())
    tell("attribute list", lambda: client.get_attribute_list(uid))
    tell("state", lambda: attributes(uid, "State"))
    tell("activate", lambda: client.activate(uid))
    tell("activate twice", lambda: client.activate(uid))
    tell("attributes", lambda: attributes(uid, "State", "Cryptographic Length", "Object Type"))
    tell("destroy while active", lambda: client.destroy(uid))
    tell("revoke", lambda: revoke(uid, enums.RevocationReasonCode.CESSATION_OF_OPERATION))
    tell("state after revoke", lambda: attributes(uid, "State"))
    tell("destroy", lambda: client.destroy(uid))
    tell("get destroyed", lambda: client.get(uid).value.hex())
    tell("get nothing", lambda: client.get("nothing").value.hex())
    registered = tell("register", register)
    tell("get registered", lambda: client.get(registered).value.hex())
    tell("compromise", lambda: revoke(registered, enums.RevocationReasonCode.KEY_COMPROMISE))
    tell("state after compromise", lambda: attributes(registered, "State"))
