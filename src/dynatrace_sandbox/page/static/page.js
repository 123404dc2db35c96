// Keeps the page current, and copies credentials. Without it, the page works when it is reloaded.
"use strict";

const PERIOD = 1000; // milliseconds between two requests
const HIDDEN_PERIOD = 5000; // the same while nobody looks at the page
const live = document.getElementById("live");
const said = document.getElementById("said");
const shown = new Map();
let tag = "";

function replace(name, html) {
  if (shown.get(name) === html) return;
  shown.set(name, html);
  const part = document.querySelector(`[data-live="${name}"]`);
  // What a person has opened, closed or focused stays as it is.
  const open = new Map([...part.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
  const positions = new Map([...part.querySelectorAll(".scroll[id]")].map((one) => [one.id, one.scrollLeft]));
  const place = part.contains(document.activeElement) ? document.activeElement.closest("[id]") : null;
  part.innerHTML = html;
  for (const one of part.querySelectorAll("[id]")) {
    if (open.has(one.id)) one.open = open.get(one.id);
    if (positions.has(one.id)) one.scrollLeft = positions.get(one.id);
  }
  const again = place && part.contains(document.getElementById(place.id)) && document.getElementById(place.id);
  if (again) (again.tabIndex < 0 ? again.querySelector("summary") : again)?.focus({ preventScroll: true });
}

function say(text) {
  if (live.textContent !== text) live.textContent = text;
}

async function refresh() {
  try {
    const response = await fetch("/sandbox/page/live", { headers: tag ? { "If-None-Match": tag } : {} });
    if (response.status === 200) {
      tag = response.headers.get("ETag") || "";
      for (const [name, html] of Object.entries(await response.json())) replace(name, html);
    } else if (response.status !== 304) {
      throw new Error(`status ${response.status}`);
    }
    live.classList.remove("lost");
    say("Live");
  } catch {
    live.classList.add("lost");
    say("The sandbox does not respond");
  }
  setTimeout(refresh, document.hidden ? HIDDEN_PERIOD : PERIOD);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const label = button.firstChild;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.data = "Copied";
    said.textContent = "Copied";
  } catch {
    label.data = "Not copied";
    said.textContent = "The browser does not allow copying";
  }
  setTimeout(() => (label.data = "Copy"), 2000);
});

for (const one of document.querySelectorAll("[data-needs-script]")) one.hidden = false;
refresh();
