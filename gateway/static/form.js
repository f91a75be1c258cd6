"use strict";
// Questions that depend on an answer come and go at once; without this the page comes again after saving.
const steps = document.querySelector("form[data-steps]");

function answer(name) {
  const inputs = [...steps.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  if (!inputs.length) return null;
  const [first] = inputs;
  if (first.type === "checkbox") return first.checked ? "True" : "False";
  if (first.type === "radio") return (inputs.find((input) => input.checked) || {}).value ?? null;
  return first.value;
}

function put(place, wanted) {
  const template = place.querySelector(":scope > template");
  if (wanted && template) {
    place.append(template.content.cloneNode(true));
    template.remove();
  } else if (!wanted && !template) {
    const kept = document.createElement("template");
    kept.content.append(...place.childNodes);
    place.append(kept);
  }
}

function refresh() {
  for (const place of steps.querySelectorAll(".depends")) {
    if (!place.dataset.here) continue;
    put(place, JSON.parse(place.dataset.values).includes(answer(place.dataset.on)));
  }
}

if (steps) {
  const names = new Set([...steps.elements].map((input) => input.name));
  for (const place of steps.querySelectorAll(".depends template")) {
    for (const input of place.content.querySelectorAll("[name]")) names.add(input.name);
  }
  for (const place of steps.querySelectorAll(".depends")) {
    if (names.has(place.dataset.on)) place.dataset.here = "yes";
  }
  steps.addEventListener("change", () => { refresh(); refresh(); });
  refresh();
}

// A file that is too large is told of before it travels.
for (const form of document.querySelectorAll("form.upload")) {
  const input = form.querySelector("input[type=file]");
  const told = document.createElement("p");
  told.className = "wrong";
  told.setAttribute("role", "alert");
  input.closest(".field").insertBefore(told, input.closest(".row"));
  form.addEventListener("submit", (event) => {
    const limit = Number(form.dataset.limit);
    const large = [...input.files].find((file) => file.size > limit);
    told.textContent = large ? form.dataset.tooLarge.replace("{name}", large.name) : "";
    if (large) {
      event.preventDefault();
      delete form.dataset.sent;
    } else if (input.files.length && !event.defaultPrevented) form.querySelector("button").textContent = form.dataset.busy;
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
