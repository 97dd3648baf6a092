"""What every request of ours says of itself, whoever is asked."""

# Nothing compressed is asked for: a few hundred bytes can grow to many megabytes (fault 9).
HEADERS = {"User-Agent": "pricetrail", "Accept-Encoding": "identity"}
