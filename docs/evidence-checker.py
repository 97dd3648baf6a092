"""Check a pricetrail bundle, standard library only: python3 evidence-checker.py HEAD < BUNDLE
PROVES, up to HEAD's version: when versions were first seen, and last seen before the next; what a
model cost in those that the claim names, or that it was not listed. CANNOT PROVE that no poll was
missed (the chain has none), how long HEAD's version lasted, or that the gateway told the truth."""

# fmt: off
import json, re, sys  # noqa: E401, I001 - close together: all of the proof is seen at once
from datetime import datetime
from decimal import Context, Decimal
from hashlib import sha256
TOKENS = "text/(prompt|completion|internal_reasoning)|cache/(read|write|write_1h)"
NOT = "(?!(text|cache|multimodal|generation|native)/)"  # a group of prices is no condition
TIER = (f"(tiers/{NOT}(from_[1-9][0-9]{{3}}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])/)?"
        f"({NOT}(?!from_|over_|utc_)[a-z][a-z0-9_-]{{0,39}}/)?"
        "(utc(_([01][0-9]|2[0-3])[0-5][0-9]){2}/)?(over_[0-9]{1,12}[km]?/)?)?")
UNITS = {f"{TIER}({TOKENS}|multimodal/(in|out)put_image)": "USD/token", "(?s).*/discount": "ratio",
         f"{TIER}generation/(audio/per_second|video/per_second(_with_audio)?)": "USD/second",
         f"{TIER}generation/image/per_image": "USD/image", "(?s).*": "USD"}
TIME = r"([0-9-]{10})[Tt ]([0-9:]{8})(\.[0-9]+)?([Zz]|[+-][0-9:]{5})"
EXACT, TWELVE, dump = Context(400), Context(12), json.JSONEncoder(ensure_ascii=False).encode
sys.excepthook = lambda kind, error, _: print("NOT PROVEN:", ascii(error or kind), file=sys.stderr)
def require(fact, why):
    if not fact:
        raise ValueError(why)
    return fact
def unique(pairs): return dict(pairs) if len(dict(pairs)) == len(pairs) else require(0, "key twice")
def parse(text):  # `int` takes neither NaN nor Infinity
    return json.loads(text, parse_float=Decimal, parse_constant=int, object_pairs_hook=unique)
def digest(text): return bytes.fromhex(require(re.fullmatch("sha256:([0-9a-f]{64})", text), "h")[1])
def instant(text):  # RFC 3339 of any offset, to the last digit
    day, time, part, zone = require(re.fullmatch(TIME, text), "a time is not RFC 3339").groups()
    return datetime.fromisoformat(f"{day}T{time}{zone.upper()}").timestamp(), Decimal(part or 0)
def number(leaf, read=False):  # a price, 1e-40 to 1e21; read: 16 digits of a number are a float's
    text = "0" if leaf == 0 and leaf is not False else str(leaf)  # a text stays itself
    price = re.fullmatch(r"(?=.{1,80}$)[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?", text)
    _, digits, exponent = (value := Decimal(text if price else "1e99").normalize(EXACT)).as_tuple()
    value = TWELVE.plus(value) if read and leaf is not text and len(digits) > 15 else value
    return value if exponent >= -40 and exponent + len(digits) <= 21 and len(digits) <= 60 else None
def same(one, other):  # as polls are compared: what is behind 12 of 15 digits is no difference
    apart = EXACT.subtract(one, other).adjusted() - max(one, other).adjusted()
    noisy = max(len(cost.as_tuple().digits) for cost in (one, other)) > 14
    return one == other or (noisy and (apart <= -14 or TWELVE.plus(one) == TWELVE.plus(other)))
def plain(value, costs=None, at=("pricing",)):  # one text for all that is one price; or with # for
    if isinstance(value, dict):  # each, which go to `costs`, and words whatever their order
        members = (f"{dump(k)}:{plain(value[k], costs, (*at, k))}" for k in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        words = costs is not None and all(isinstance(m, str) and number(m) is None for m in value)
        value = sorted(value) if words else value
        return "[" + ",".join(plain(member, costs, (*at, "")) for member in value) + "]"
    priced = at[0] == "pricing" and at != ("pricing", "kind")
    cost = number(value, read=costs is not None) if priced else None
    if cost is None and type(value) not in (int, Decimal):
        return dump(value)
    text = format(EXACT.add(0, Decimal(value if cost is None else cost).normalize(EXACT)), "f")
    return (f'"{text}"' if priced else text) if None in (cost, costs) else costs.append(cost) or "#"
def listed(value, path="/pricing"):  # the `prices` of a claim
    if isinstance(value, dict | list):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from listed(member, f"{path}/" + str(key).replace("~", "~0").replace("/", "~1"))
    elif type(value) in (str, int, Decimal) and path not in ("/pricing", "/pricing/kind"):
        told = {"flagged": value} if (cost := number(value, read=True)) is None else {}
        unit = next(UNITS[known] for known in UNITS if re.fullmatch(known, path[9:]))
        yield {"path": path, "unit": unit, "amount": cost, **told}
def seen(n, at): return n in first and first[n] <= at <= last.get(n, at)  # up to the next version
saved = re.fullmatch("(?:([1-9][0-9]{0,8}):)?(sha256:.{64})", sys.argv[-1].strip().lower())
require(saved, "HEAD is to be sha256: and 64 hex digits, or VERSION:sha256:…")
bundle = parse(sys.stdin.buffer.read().decode("utf-8-sig"))
claim, head, roots, first, last = bundle["claim"], bundle["chain"]["previous"], {}, {}, {}
v, model, top, documents, bodies = claim["snapshot"]["version"], claim["model"], 0, {}, {}
before, after, word = claim.get("before"), claim.get("after"), claim["certainty"]
require(bundle["format"] == "pricetrail evidence 1" and (v > 1 or head[7:] == 64 * "0"), "format")
for n, link in enumerate(bundle["chain"]["links"], v):  # 1. the chain, and how far HEAD reaches
    told, roots[n] = parse(link["metadata"]), digest(link["catalog_root"])
    bodies[n] = digest(link["body_hash"]), told.get("dialect", "") + ""  # the dialect: a text
    covered = digest(head) + link["metadata"].encode() + roots[n] + bodies[n][0]
    head, named = "sha256:" + sha256(b"\0" + covered).hexdigest(), claim["snapshot"]["hash"]
    names = dump([link["version"], told["version"], told["source"], link["head"]])
    require(names == dump([n, n, claim["source"], head]) and (n > v or head == named), f"link {n}")
    first[n] = instant(told["not_after"])
    last[n - 1] = max(first[n - 1], instant(told["not_before"])) if n > v else first[n]
    top = n if head == saved[2] and saved[1] in (None, str(n)) else top
for proof in bundle["proofs"]:  # 2. the catalogs: RFC 9162, leaves begin with 0x00, nodes with 0x01
    n, there = proof["version"], proof["visible"]
    require(type(n) is int and n <= top and n not in documents, "HEAD does not cover this")
    documents[n] = parse(proof["document"]) if there is True else {}
    pairs = [(name, digest(other)) for name, other in proof["merkle_path" if there else "models"]]
    own = [(model, sha256(plain(documents[n], at=()).encode()).digest())] if there else pairs
    row = [sha256(b"\0" + name.encode() + leaf).digest() for name, leaf in own]
    for side, other in pairs if there else ():
        row = [sha256(b"\1" + {"left": other + row[0], "right": row[0] + other}[side]).digest()]
    while len(row) > 1:  # it was not listed: these are all that were
        both = zip(row[::2], [*row[1::2], None], strict=False)
        row = [sha256(b"\1" + one + two).digest() if two else one for one, two in both]
    fits = documents[n]["id"] == model if there else there is False and model not in dict(pairs)
    fits &= "body" not in proof or sha256(proof["body"].encode()).digest() == bodies[n][0]
    require(fits and (*row, sha256().digest())[0] == roots[n], f"it was not so in version {n}")
for side in [side for side in ({**claim, "version": v}, before, after) if side is not None]:
    pricing = documents[side["version"]].get("pricing")  # 3. the prices
    prices = plain(sorted(listed(pricing), key=lambda entry: entry["path"]))
    fits = plain(side["pricing"]) == plain(pricing) and plain(side["prices"]) == prices
    require(fits and type(side["version"]) is int, f"other prices in version {side['version']}")
at, since, until = map(instant, (claim["at"], *map(claim["observed"].get, ("from", "until"))))
aside = word == "gap" and after is not None and after["version"] > v  # 4. the times
fits = seen(v, since) and since <= until and (aside or v + 1 not in first or at < first[v + 1])
if word == "observed":  # the version was seen before and after, or another one that agrees
    costs, both = ([], []), [d.get("pricing") for d in map(documents.get, (v, v + 1)) if d]
    agreed = len(both) > len(set(map(plain, both, costs))) and all(map(same, *costs))
    fits &= before is after is None and since <= at <= until <= last.get(v + agreed, until)
else:  # seen before, and seen after; in a gap perhaps not yet
    times = since, until, instant(before["at"])
    fits &= before["version"] == v and all(seen(v, time) and time <= at for time in times)
    if after is not None or word != "gap":
        n, then, apart = after["version"], instant(after["at"]), {"bracketed": 1, "gap": 0}[word]
        fits &= v + apart <= n <= v + 1 and at <= then and seen(n, then)
require(fits, "the links do not allow to claim so much")
answer = f"{word} {claim['at']} {model} {plain(claim['pricing'])}" + "".join(
    f"; {n}: {bodies[n][0].hex()} as read by {bodies[n][1]}" for n in documents if bodies[n][1])
print("".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in answer))
print(f"proven up to version {top}; only said: every poll, and how long version {top} lasted")
