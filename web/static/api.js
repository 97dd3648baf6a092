// Shows an answer of the API beside its form; without it the form opens the answer.
const prefix = "p.";
const longest = 200_000;

function addressOf(form) {
  const given = [...new FormData(form)];
  const query = new URLSearchParams();
  let path = given.find(([name]) => name === "path")[1];
  for (const [name, value] of given) {
    if (name === "path" || value === "") continue;
    const asked = name.slice(prefix.length), place = `{${asked}}`;
    if (path.includes(place)) path = path.replace(place, encodeURIComponent(value));
    else query.append(asked, value);
  }
  const root = form.getAttribute("action").replace(/\/api\/docs\/open$/, "");
  return root + path + (query.size ? `?${query}` : "");
}

// Indents JSON without reading its numbers: an amount is shown as it came.
function indented(text) {
  const parts = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  let depth = 0, shown = "";
  const line = () => `\n${"  ".repeat(depth)}`;
  parts.forEach((part, index) => {
    if (part === "{" || part === "[") {
      depth += 1;
      shown += part + ("}]".includes(parts[index + 1]) ? "" : line());
    } else if (part === "}" || part === "]") {
      depth -= 1;
      shown += ("{[".includes(parts[index - 1]) ? "" : line()) + part;
    } else shown += part === "," ? part + line() : part === ":" ? ": " : part;
  });
  return shown;
}

async function show(form) {
  const place = form.parentElement.querySelector(".answer");
  const address = addressOf(form);
  const [line, body] = [document.createElement("p"), document.createElement("pre")];
  const link = Object.assign(document.createElement("a"), { href: address, textContent: address });
  line.append("GET ", link);
  place.replaceChildren(line, body);
  try {
    const answer = await fetch(address);
    const text = await answer.text();
    line.append(` · ${answer.status} · ${text.length} characters`);
    const json = answer.headers.get("content-type")?.includes("json");
    const shown = json ? indented(text) : text;
    body.textContent = shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
  } catch (error) {
    body.textContent = String(error);
  }
  body.tabIndex = 0;
}

for (const form of document.querySelectorAll("form[data-try]")) {
  // A stream does not end: it is opened.
  if (form.elements.path.value.endsWith("/stream")) continue;
  form.addEventListener("submit", (event) => { event.preventDefault(); show(form); });
}
const asked = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (asked?.tagName === "DETAILS") asked.open = true;
