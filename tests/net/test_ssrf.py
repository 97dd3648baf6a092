"""Where a webhook may not point (fault 30)."""

from contextlib import suppress
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.net.ssrf import GuardError, check_url, is_inside, refusal, vet


def listed(text: str) -> list[str]:
    return text.split()


REFUSED = listed("""
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.1.2.3
127.255.255.255 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170
192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.168.255.255 192.175.48.1
198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255
:: ::1 ::7f00:1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:10.0.0.1 64:ff9b::7f00:1
64:ff9b::a00:1 64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1:: 2001:2::1 2001:10::1
2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1:: 2002:c0a8:101:: 3fff::1 3fff:fff::1 fc00::1
fd00::1 fdff:ffff::1 fe80::1 febf::1 fec0::1 ff02::1 ff0e::1 4000::1 1::1
""")
PUBLIC = listed("""
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0
198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2a00:1450:4001::200e 2001:4860:4860::8888
2001:200::1 2003::1
""")


def test_there_are_sixty_addresses_and_more() -> None:
    assert len(set(REFUSED)) >= 60


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert refusal(ip_address(address)) is not None
    with pytest.raises(GuardError, match="allow_private = true") as caught:
        vet(address)
    assert address not in str(caught.value)
    assert not caught.value.permanent


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_passes(address: str) -> None:
    assert refusal(ip_address(address)) is None
    vet(address)


@pytest.mark.parametrize("address", ["", "nonsense", "fe80::1%eth0", "1.2.3", "0x7f.1"])
def test_what_is_no_address_or_a_scoped_one_is_refused(address: str) -> None:
    with pytest.raises(GuardError):
        vet(address)


@given(st.ip_addresses())
def test_whatever_python_calls_private_is_refused_too(address: object) -> None:
    found = ip_address(str(address))
    if not found.is_global or found.is_multicast:
        assert refusal(found) is not None


@pytest.mark.parametrize(
    "host",
    listed("""
    127.0.0.1 127.9.9.9 10.1.2.3 172.31.0.1 192.168.0.7 169.254.1.1 0.0.0.0 ::1 fe80::1
    fe80::1%25eth0 fd00::7 ::ffff:10.0.0.1 localhost gateway gateway_1 gateway.prices.svc
    gateway.internal. a.home.arpa LAN
    """),
)
def test_what_is_in_a_network_of_our_own_is_inside(host: str) -> None:
    assert is_inside(host)


@pytest.mark.parametrize(
    "host",
    listed("""
    8.8.8.8 134744072 0x08080808 010.8.8.8 0x8.0x8.0x8.0x8 8.8.8.8. 100.64.0.1 192.0.2.1 198.18.0.1
    192.0.0.170 240.0.0.1 224.0.0.1 ::ffff:8.8.8.8 64:ff9b::808:808 64:ff9b::a00:1 2002:a00:1::
    2001:0:7f00:1:: 2606:4700::1111 ff02::1 api.example.com gateway.internal.example.com
    8%2e8%2e8%2e8 localhost@8 a:b
    """),
)
def test_what_could_leave_it_is_not(host: str) -> None:
    """Whatever `ipaddress` calls private: an address in a wrapper or a tunnel, a number."""
    assert not is_inside(host)


TRICKY = [
    "https://example.com:0/",
    "https://a..example.com/",
    f"https://{'a' * 64}.example.com/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://127.0.0.1./",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::1]/",
    "http://[::]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1%25eth0]/",
    "http://127.0.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://user@example.com/",
    "http://example.com@127.0.0.1/",
    "http://user:password@example.com/",
    "http://@example.com/",
    "http://example.com\\@127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http://example.com\\.evil.example/",
    "http://example.com /",
    "http://exam\tple.com/",
    "http://example.com/\r\nHost: evil",
    "http://ⅼocalhost/",
    "http://１２７.0.0.1/",
    "http://example。com/",
    "http://exa%6dple.com/",
    "http://example..com/",
    "http://.example.com/",
    "http://-example.com/",
    "http://[example.com]/",
    "http://[1.2.3.4]/",
    "http://example.com:99999/",
    "http://example.com:-1/",
    "http://example.com:8o/",
    "http:///path",
    "http:/example.com/",
    "//example.com/",
    "example.com",
    "",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "https://example.com/" + "x" * 3000,
]


@pytest.mark.parametrize("url", TRICKY)
def test_a_url_that_hides_its_host_is_refused_for_good(url: str) -> None:
    with pytest.raises(GuardError, match=r"^refused: ") as caught:
        check_url(url, allow_private=False)
    assert caught.value.permanent
    assert "example" not in str(caught.value)
    assert "127" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://example.com/a?b=c#d",
        "https://EXAMPLE.com:8443/x",
        "https://8.8.8.8/x",
        "https://[2606:4700::1111]/x",
        "https://a_b.example.com./x",
        "https://hooks.example/T0@x",
        "https://xn--mnchen-3ya.de/",
    ],
)
def test_a_plain_url_passes(url: str) -> None:
    check_url(url, allow_private=False)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/x", "http://[::1]/", "http://10.1.2.3/", "http://localhost/"]
)
def test_an_inner_address_passes_with_allow_private_alone(url: str) -> None:
    check_url(url, allow_private=True)
    if "localhost" not in url:
        with pytest.raises(GuardError):
            check_url(url, allow_private=False)


@pytest.mark.parametrize("url", ["http://user@localhost/", "http://a\\b/", "ftp://localhost/"])
def test_allow_private_excuses_nothing_else(url: str) -> None:
    with pytest.raises(GuardError):
        check_url(url, allow_private=True)


@given(st.text())
def test_no_text_makes_it_stumble(text: str) -> None:
    for url in (text, f"http://{text}/", f"https://example.com:{text}/"):
        with suppress(GuardError):
            check_url(url, allow_private=False)
            assert url.partition("://")[0].lower() in {"http", "https"}
