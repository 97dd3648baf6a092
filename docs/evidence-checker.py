"""Check a pricetrail bundle, standard library only: python3 evidence-checker.py HEAD < BUNDLE."""

import json
import re
import sys
from decimal import Context, Decimal
from hashlib import sha256
from json.encoder import encode_basestring as quoted


def number(text):  # a price: ASCII digits, 1e-40 to 1e21, at most 60 digits, 80 characters
    if len(text) > 80 or not re.fullmatch(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?", text):
        return None
    _, digits, exponent = (value := Decimal(text).normalize(Context(prec=400))).as_tuple()
    return value if exponent >= -40 and value.adjusted() <= 20 and len(digits) <= 60 else None


def canonical(value, path=()):  # keys in order, numbers in plain notation, prices as strings
    if isinstance(value, dict):
        keys = sorted(value)
        return "{" + ",".join(f"{quoted(k)}:{canonical(value[k], (*path, k))}" for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(member, (*path, "-")) for member in value) + "]"
    priced = path[0] == "pricing" and path != ("pricing", "kind")
    if isinstance(value, str) and priced:
        value = value if number(value) is None else number(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        text = format(Decimal(value).normalize(Context(prec=400)) if value else Decimal(0), "f")
        return f'"{text}"' if priced else text
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def root(document, model, path):  # RFC 9162: a leaf begins with 0x00, an inner node with 0x01
    model_hash = sha256(canonical(document).encode()).digest()
    node = sha256(b"\0" + model.encode() + model_hash).digest()
    for side, digest in path:
        other = bytes.fromhex(digest[7:])
        node = sha256(b"\1" + (other + node if side == "left" else node + other)).digest()
    return node


bundle = json.load(sys.stdin.buffer, parse_float=Decimal)
claim, head = bundle["claim"], bytes.fromhex(bundle["chain"]["previous"][7:])
heads, roots, pricing, seen = [], {}, {}, []
for link in bundle["chain"]["links"]:
    said = json.loads(link["metadata"])
    root_and_body = bytes.fromhex(link["catalog_root"][7:] + link["body_hash"][7:])
    head = sha256(b"\0" + head + link["metadata"].encode() + root_and_body).digest()
    heads += [f"sha256:{head.hex()}", f"{said['version']}:sha256:{head.hex()}"]
    roots[said["version"]] = root_and_body[:32] if said["source"] == claim["source"] else None
    seen.append(said["not_after"].rstrip("Z"))
for proof in bundle["proofs"]:  # an absent model has no document: use `evidence check` for that
    document = json.loads(proof["document"], parse_float=Decimal)
    if root(document, claim["model"], proof["merkle_path"]) == roots.get(proof["version"]):
        pricing[proof["version"]] = document.get("pricing")
sides = ({**claim, **claim["snapshot"]}, claim.get("before"), claim.get("after"))
proven = all(not side or side["pricing"] == pricing.get(side["version"], "?") for side in sides)
if not proven or sys.argv[1] not in heads or claim["at"].rstrip("Z") < seen[0]:
    sys.exit("NOT PROVEN: the document, its place in the catalog, the chain or the head is wrong")
print(claim["certainty"], claim["at"], claim["model"], canonical(claim["pricing"], ("pricing",)))
