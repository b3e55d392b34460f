"""PyKMIP's own server as an upstream endpoint: DIRECTORY PORT. Its files, its database too, are in DIRECTORY."""

import sys

from kmip.services.server import KmipServer

directory, port = sys.argv[1], int(sys.argv[2])
server = KmipServer(
    hostname="127.0.0.1",
    port=port,
    certificate_path=f"{directory}/server.pem",
    key_path=f"{directory}/server.key",
    ca_path=f"{directory}/client.pem",
    auth_suite="TLS1.2",
    config_path=None,
    log_path=f"{directory}/server.log",
    policy_path=f"{directory}/policy",
    enable_tls_client_auth=False,
    logging_level="INFO",
    database_path=f"{directory}/db",
)
with server:
    print("ready", flush=True)
    server.serve()
