"""A foreign client: Debian's PyKMIP goes through a key's whole life and tells each step as a line of JSON.

Arguments: host, port, certificate, private key, CA certificate, KMIP version such as 1.2. Nothing is judged here: the
TypeScript test that starts this does that.
"""

import base64
import itertools
import json
import ssl
import sys

from kmip import enums
from kmip.core.attributes import Name
from kmip.core.factories.attributes import AttributeFactory
from kmip.core.objects import Attribute, CurrentAttribute, NewAttribute
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


counter = itertools.count()


def own_name():
    """PyKMIP gives all objects of a kind one name otherwise."""
    return "object %s of %s" % (next(counter), version)


def crypto_key(*masks):
    return client.register(objects.SymmetricKey(enums.CryptographicAlgorithm.AES, 128, b"0123456789abcdef",
                                                masks=list(masks), name=own_name()))


def encryption():
    """Everything that PyKMIP can do with a symmetric key: what it gives has to come back."""
    mask = enums.CryptographicUsageMask
    uid = crypto_key(mask.ENCRYPT, mask.DECRYPT, mask.MAC_GENERATE, mask.DERIVE_KEY)
    client.activate(uid)
    suite = {
        "block_cipher_mode": enums.BlockCipherMode.CBC,
        "padding_method": enums.PaddingMethod.PKCS5,
    }
    sealed, nonce = client.encrypt(b"some text", uid, cryptographic_parameters=suite, iv_counter_nonce=b"1" * 16)
    opened = client.decrypt(sealed, uid, cryptographic_parameters=suite, iv_counter_nonce=b"1" * 16)
    tag = client.mac(b"some text", uid, enums.CryptographicAlgorithm.HMAC_SHA256)[1]
    derived = client.derive_key(
        enums.ObjectType.SYMMETRIC_KEY, [uid], enums.DerivationMethod.HMAC,
        {"cryptographic_parameters": {"hashing_algorithm": enums.HashingAlgorithm.SHA_256}, "derivation_data": b"data"},
        cryptographic_length=128, cryptographic_algorithm=enums.CryptographicAlgorithm.AES,
    )
    return {"sealed": sealed.hex(), "opened": opened.decode(), "tag": tag.hex(), "derived": client.get(derived).value.hex()}


def pair():
    mask = enums.CryptographicUsageMask
    public, private = client.create_key_pair(
        enums.CryptographicAlgorithm.RSA, 2048, public_usage_mask=[mask.VERIFY], private_usage_mask=[mask.SIGN],
    )
    client.activate(public)
    client.activate(private)
    suite = {
        "padding_method": enums.PaddingMethod.PKCS1v15,
        "hashing_algorithm": enums.HashingAlgorithm.SHA_256,
        "cryptographic_algorithm": enums.CryptographicAlgorithm.RSA,
    }
    signature = client.sign(b"some text", private, suite)
    good = client.signature_verify(b"some text", signature, public, suite)
    bad = client.signature_verify(b"other text", signature, public, suite)
    types = [type(client.get(uid)).__name__ for uid in (public, private)]
    return {"good": good.name, "bad": bad.name, "types": types}


def others():
    certificate = open(authority).read().split("-----")[2]
    given = [
        objects.SecretData(b"a password", enums.SecretDataType.PASSWORD, masks=[enums.CryptographicUsageMask.VERIFY],
                           name=own_name()),
        objects.OpaqueObject(b"anything", enums.OpaqueDataType.NONE, name=own_name()),
        objects.X509Certificate(base64.b64decode(certificate), name=own_name()),
    ]
    return [client.get(client.register(one)).value == one.value for one in given]


def administration():
    mask = enums.CryptographicUsageMask
    uid = new_key("administered " + version)
    checked = client.check(uid, cryptographic_usage_mask=[mask.ENCRYPT])
    renewed = client.rekey(uid, offset=0)
    return {"checked": checked == uid, "renewed": renewed not in (uid, None)}


def change_attributes():
    """The forms that 1.x and 2.0 have for the same changes."""
    uid = new_key("changed " + version)
    factory = AttributeFactory()
    if version < "2":
        changed = factory.create_attribute(enums.AttributeType.NAME, "renamed " + version, 0)
        client.modify_attribute(uid, attribute=changed)
        client.delete_attribute(uid, attribute_name="Name", attribute_index=0)
    else:
        old, new = (NewName(text + version) for text in ("changed ", "renamed "))
        client.modify_attribute(uid, current_attribute=CurrentAttribute(attribute=old), new_attribute=NewAttribute(attribute=new))
        client.delete_attribute(uid, current_attribute=CurrentAttribute(attribute=NewName("renamed " + version)))
    return "Name" in client.get_attribute_list(uid)


def NewName(text):
    return Name.create(text, enums.NameType.UNINTERPRETED_TEXT_STRING)


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
    tell("pair", pair) if version >= "1.2" else None
    tell("encryption", encryption) if version >= "1.2" else None
    tell("others", others)
    tell("administration", administration)
    tell("change attributes", change_attributes)
