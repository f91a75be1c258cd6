"use strict";
// Small comforts; every page is complete without them.
const summary = document.getElementById("errors");
if (summary) summary.focus();

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
  });
}

// Without a connection a form stays where it is, with all that was typed, and says so beside its button.
const connection = document.getElementById("main").dataset;
const LONG_FORMS = "[data-steps], .send, .upload";

function sayConnection(form, text) {
  let told = form.querySelector(":scope > .offline");
  if (!told) {
    told = document.createElement("p");
    told.className = "notice wait offline";
    told.setAttribute("role", "alert");
    form.insertBefore(told, form.querySelector(":scope > .actions"));
  }
  told.textContent = text;
}

async function reached() {
  try {
    const icon = document.querySelector("link[rel=icon]").href;
    return (await fetch(icon, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(10000) })).ok;
  } catch {
    return false;
  }
}

async function sendIfReached(form, button) {
  const there = await reached();
  delete form.dataset.sent;
  if (!there) return sayConnection(form, connection.offline);
  form.dataset.reached = "yes";
  form.requestSubmit(button);
}

window.addEventListener("offline", () => {
  const form = document.querySelector("form[data-steps], form.send");
  if (form) sayConnection(form, connection.offline);
});
window.addEventListener("online", () => {
  for (const told of document.querySelectorAll(".offline")) sayConnection(told.parentElement, connection.online);
});

// A form goes out once, however often the button is pressed.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    const ready = form.dataset.reached || !form.matches(LONG_FORMS);
    delete form.dataset.reached;
    if (form.dataset.sent || event.defaultPrevented) return event.preventDefault();
    if (navigator.onLine) form.dataset.sent = "yes";
    if (navigator.onLine && ready) return;
    event.preventDefault();
    if (navigator.onLine) sendIfReached(form, event.submitter);
    else sayConnection(form, connection.offline);
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

for (const menu of document.querySelectorAll("details.menu")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
