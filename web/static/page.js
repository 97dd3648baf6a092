// The reader's own times, a click that copies, and a page that stays as it is now while it stays
// open. Every page works without it.
const own = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const ownDay = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const ownTime = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function ago(at) {
  const seconds = (at - Date.now()) / 1000;
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units[3];
  return relative.format(Math.trunc(seconds / size), unit);
}

function tellTimes() {
  const live = document.querySelector("main[data-live]") !== null;
  for (const time of document.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    if ("ago" in time.dataset && (live || time.dataset.ago !== "live")) time.textContent = ago(at);
    else if ("day" in time.dataset) time.textContent = ownDay.format(at);
    else time.textContent = own.format(at);
  }
  for (const span of document.querySelectorAll("[data-until]")) {
    const [from, until] = [new Date(span.dataset.from), new Date(span.dataset.until)];
    span.textContent = Number.isNaN(from.valueOf()) ? `by ${ownTime.format(until)}` : ownTime.formatRange(from, until);
  }
}

function copies(place) {
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
function takesDrops(form) {
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

function dress() {
  tellTimes();
  for (const place of document.querySelectorAll("main [data-copy]")) copies(place);
  for (const form of document.querySelectorAll("form[data-drop]")) takesDrops(form);
  // What can be scrolled can be reached by the keyboard.
  for (const place of document.querySelectorAll(".scroll")) {
    if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
  }
}

function edited(field) {
  const { options } = field;
  if (options) return field.selectedOptions[0] !== ([...options].find((one) => one.defaultSelected) ?? options[0]);
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

// Whether somebody is in the middle of something that a new page would undo.
function busy(main) {
  return main.contains(document.activeElement) || !getSelection().isCollapsed
    || main.querySelector("details[open]") !== null || [...main.querySelectorAll("input, select")].some(edited);
}

let etag = null;
let answered = new Date();

async function renew() {
  const main = document.getElementById("main");
  tellTimes();
  if (document.hidden || busy(main)) return;
  try {
    const answer = await fetch(location.href, { cache: "no-cache" });
    // The session is over: the page leads to the login by itself.
    if (answer.redirected) return location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
    answered = new Date();
    document.getElementById("unanswered").hidden = true;
    const now = answer.headers.get("etag");
    if (now === etag) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("main");
    if (!fresh) throw new Error("this is somebody else's page");
    // Another answer may have come first, of a question that was asked before or after this one.
    if (!main.isConnected || busy(main)) return;
    etag = now;
    document.title = page.title;
    main.replaceWith(fresh);
    dress();
  } catch {
    const line = document.getElementById("unanswered");
    line.querySelector("time").dateTime = answered.toISOString();
    line.hidden = false;
    tellTimes();
  }
}

dress();
if (document.querySelector("main[data-live]")) {
  setInterval(renew, 60_000);
  document.addEventListener("visibilitychange", renew);
}
