// The reader's own times, and a click that copies. Every page works without it.
const now = Date.now();
const own = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const ownDay = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function ago(at) {
  const seconds = (at - now) / 1000;
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units[3];
  return relative.format(Math.trunc(seconds / size), unit);
}

for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.valueOf())) continue;
  if ("ago" in time.dataset) time.textContent = ago(at);
  else if ("day" in time.dataset) time.textContent = ownDay.format(at);
  else time.textContent = own.format(at);
}

const ownTime = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
for (const span of document.querySelectorAll("[data-until]")) {
  const [from, until] = [new Date(span.dataset.from), new Date(span.dataset.until)];
  span.textContent = Number.isNaN(from.valueOf()) ? `by ${ownTime.format(until)}` : ownTime.formatRange(from, until);
}

// What can be scrolled can be reached by the keyboard.
for (const place of document.querySelectorAll(".scroll")) {
  if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
}

for (const place of document.querySelectorAll("[data-copy]")) {
  place.tabIndex = 0;
  place.setAttribute("role", "button");
  place.setAttribute("aria-label", `Copy ${place.textContent}`);
  const copy = async () => {
    await navigator.clipboard?.writeText(place.dataset.copy);
    place.classList.add("copied");
    setTimeout(() => place.classList.remove("copied"), 1500);
  };
  place.addEventListener("click", copy);
  place.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); copy(); }
  });
}

// A file that is dropped on a form is chosen and sent, unless it is too large.
for (const form of document.querySelectorAll("form[data-drop]")) {
  const field = form.querySelector("input[type=file]");
  const fits = () => field.setCustomValidity(field.files[0]?.size > 16 * 2 ** 20 ? "This is larger than 16 MiB." : "");
  field.addEventListener("change", fits);
  const over = (event) => { event.preventDefault(); form.classList.toggle("over", event.type === "dragover"); };
  form.addEventListener("dragover", over);
  form.addEventListener("dragleave", over);
  form.addEventListener("drop", (event) => {
    over(event);
    if (event.dataTransfer.files.length !== 1) return;
    field.files = event.dataTransfer.files;
    fits();
    form.requestSubmit();
  });
}
