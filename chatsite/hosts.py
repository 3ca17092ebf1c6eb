"""Names and addresses of hosts, checked for the forms that browsers and proxies really send.

Each function returns the value that Django or the servers need, and raises ValueError for a value
that would be accepted by them and then never match. The text of the error says how to write it.
"""

import ipaddress
import re

MAX_HOST = 253  # characters of a host name
MAX_PORT = 65535

# Names that browsers send consist of these labels. Names in a local network may have underscores.
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
LOCAL_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
# Browsers take a name that ends in a number for an IPv4 address, and write the usual form.
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

DEFAULT_PORTS = {"http": 80, "https": 443}


def allowed_host(text: str) -> str:
    """Return an item of ALLOWED_HOSTS: a host name, `.` and a domain, or an IP address."""
    if text == "*":
        return text
    if "/" in text:
        raise ValueError("leave out the scheme and the path")
    if text.startswith("*."):
        raise ValueError("a domain with its subdomains begins with a dot and without the *")
    if _is_ipv6(text):
        raise ValueError(f"write [{ipaddress.ip_address(text)}]")
    name, port = _split_port(text)
    if port is not None:
        raise ValueError("leave out the port")
    if name.startswith("["):
        return _bracketed_address(name)
    domain = name.removeprefix(".")
    if name != domain and _looks_like_ipv4(domain):
        raise ValueError("an IP address has no subdomains")
    return name.removesuffix(domain) + _public_name(domain)


def origin(text: str) -> str:
    """Return an origin as browsers send it: scheme, host, and a port that is not the usual one."""
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in DEFAULT_PORTS:
        raise ValueError("begin with https:// or http://")
    if re.search(r"[/?#]", rest):
        raise ValueError("leave out the slash and the path after the host")
    if "@" in rest:
        raise ValueError("leave out the user name and the password")
    name, port = _split_port(rest)
    if port == DEFAULT_PORTS[scheme]:
        raise ValueError(f"leave out the port {port}, as browsers do")
    star = "*." if name.startswith("*.") else ""
    domain = name.removeprefix(star)
    if star and _looks_like_ipv4(domain):
        raise ValueError("an IP address has no subdomains")
    host = _bracketed_address(domain) if domain.startswith("[") else _public_name(domain)
    return f"{scheme}://{star}{host}" + (f":{port}" if port else "")


def site_url(text: str) -> str:
    """Return where the site is, as an origin; a single slash at the end is left out."""
    if "*" in text:
        raise ValueError("name one host")
    return origin(text.removesuffix("/"))


def proxy(text: str) -> str:
    """Return the IP address of a proxy, or a network of proxies, in its usual form."""
    if text == "*" or text.endswith("/0"):
        raise ValueError("name the proxies, because everybody could claim any address")
    try:
        if "/" in text:
            return str(ipaddress.ip_network(text))
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        if "host bits" in str(error):
            usual = ipaddress.ip_network(text, strict=False)
            raise ValueError(f"write {usual} for the network") from None
        raise ValueError("write an IP address or a network, without a port") from None


def local_host(text: str) -> str:
    """Return a host name or an IP address, without brackets, for sockets of this machine."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if _is_ipv6(bare):
        return bare
    if bare != text or ":" in text:
        raise ValueError("write a host name or an IP address, without a port")
    labels = text.lower().removesuffix(".").split(".")
    if len(text) > MAX_HOST or not all(LOCAL_LABEL.fullmatch(label) for label in labels):
        raise ValueError("write a host name or an IP address; 0.0.0.0 and :: stand for all")
    return text


def port_number(text: str) -> int:
    """Return a port from 0 to 65535 in ASCII digits."""
    if not re.fullmatch(r"0*[0-9]{1,5}", text, re.ASCII) or int(text[-5:]) > MAX_PORT:
        raise ValueError(f"a port is a number from 0 to {MAX_PORT}")
    return int(text[-5:])


def _split_port(text):
    """Return (host, port), where the port is None if there is none."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]") or ("[" in text and "]" not in text):
        return text, None
    return host, port_number(port)


def _public_name(text):
    """Return a host name or IPv4 address in lower case, if a browser may send it as it stands."""
    name = text.lower()
    if not name.isascii():
        raise ValueError("write an international name in the form that begins with xn--")
    if re.search(r"\s", name):
        raise ValueError("separate several with commas")
    if name.endswith(".") and name != ".":
        raise ValueError("leave out the dot at the end")
    labels = name.split(".")
    if len(name) > MAX_HOST or not all(LABEL.fullmatch(label) for label in labels):
        raise ValueError("a host name has letters, digits, hyphens and single dots")
    if _looks_like_ipv4(name) and not _is_ipv4(name):
        raise ValueError("write an IPv4 address as four numbers from 0 to 255")
    return name


def _bracketed_address(text):
    inner = text[1:-1]
    if not (text.endswith("]") and _is_ipv6(inner)) or "%" in inner:
        raise ValueError("write an IPv6 address in brackets, such as [::1]")
    # Browsers send the shortest form.
    if inner.lower() != (usual := str(ipaddress.IPv6Address(inner))):
        raise ValueError(f"write [{usual}]")
    return text.lower()


def _looks_like_ipv4(name):
    return bool(NUMBER.fullmatch(name.rpartition(".")[2]))


def _is_ipv4(text):
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _is_ipv6(text):
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
