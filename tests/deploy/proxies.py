"""The committed proxy files on a real nginx and a real Caddy."""

import socket
import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.deploy.tools import DEPLOY, Foreground, free_port, replaced, tool

NAME = "orders.example.com"
"""The name in the committed files; the tests' certificates are for it."""

UPSTREAM = "127.0.0.1:8080"
SECONDS_TO_ANSWER = 20

NGINX_AROUND = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/doorstep.conf;
}}
"""
CADDY_AROUND = """\
{{
	admin off
	default_bind 127.0.0.1
	http_port {http_port}
	https_port {https_port}
}}
"""


class Ports(NamedTuple):
    http: int
    https: int


class Proxy(NamedTuple):
    """A proxy that runs with the certificate given."""

    program: Foreground
    ports: Ports
    certificate: Path

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        """A connection through TLS from an address of the loopback network."""
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        plain = socket.create_connection(
            ("127.0.0.1", self.ports.https), SECONDS_TO_ANSWER, (source, 0)
        )
        # Else the request would wait for the acknowledgement of the handshake's end.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return trusted.wrap_socket(plain, server_hostname=NAME)


class Certificate(NamedTuple):
    file: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    subprocess.run(
        [
            *(tool("openssl"), "req", "-x509", "-nodes", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", f"/CN={NAME}"),
            *("-addext", f"subjectAltName=DNS:{NAME}"),
            *("-keyout", str(made.key), "-out", str(made.file)),
        ],
        check=True,
        capture_output=True,
    )
    return made


def start_nginx(folder: Path, upstream: str) -> Proxy:
    nginx, ports, certificate = tool("nginx"), free_ports(), make_certificate(folder)
    live = f"/etc/letsencrypt/live/{NAME}"
    site = replaced(
        (DEPLOY / "nginx.conf").read_text(),
        {
            UPSTREAM: upstream,
            "listen 80;": f"listen 127.0.0.1:{ports.http};",
            "listen 443 ": f"listen 127.0.0.1:{ports.https} ",
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            f"{live}/fullchain.pem": str(certificate.file),
            f"{live}/privkey.pem": str(certificate.key),
            "/var/log/nginx/doorstep.log": str(folder / "access.log"),
        },
    )
    (folder / "doorstep.conf").write_text(site)
    whole = folder / "nginx.conf"
    whole.write_text(NGINX_AROUND.format(folder=folder))
    command = [nginx, "-e", "stderr", "-p", str(folder), "-c", str(whole)]
    return Proxy(Foreground(command, folder, "getrlimit"), ports, certificate.file)


def start_caddy(folder: Path, upstream: str) -> Proxy:
    caddy, ports, certificate = tool("caddy"), free_ports(), make_certificate(folder)
    around = CADDY_AROUND.format(http_port=ports.http, https_port=ports.https)
    site = f"{NAME} {{\n"
    whole = folder / "Caddyfile"
    whole.write_text(
        around
        + replaced(
            (DEPLOY / "Caddyfile").read_text(),
            {UPSTREAM: upstream, site: f"{site}\ttls {certificate.file} {certificate.key}\n"},
        )
    )
    command = [caddy, "run", "--config", str(whole), "--adapter", "caddyfile"]
    program = Foreground(command, folder, "serving initial configuration")
    return Proxy(program, ports, certificate.file)


def free_ports() -> Ports:
    return Ports(free_port(), free_port())


START = {"nginx": start_nginx, "caddy": start_caddy}
