"use strict";
// Solves the portal's ALTCHA v2 challenge (PBKDF2/SHA-256) while the form is being filled in.
const box = document.querySelector("[data-captcha]");
const says = box.querySelector("[role=status]");
const field = box.querySelector("input[name=captcha]");
const form = box.closest("form");
const AT_ONCE = 4;
const PATIENCE = 4000;
let solving = null;

const bytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function keyFor(parameters, counter) {
  const password = new Uint8Array([...bytes(parameters.nonce), 0, 0, 0, 0]);
  new DataView(password.buffer).setUint32(password.length - 4, counter);
  const material = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(parameters.salt), iterations: parameters.cost };
  return hex(await crypto.subtle.deriveBits(how, material, (parameters.keyLength || 32) * 8));
}

async function solve(parameters) {
  const wanted = (parameters.keyPrefix || "00").toLowerCase();
  for (let start = 0; ; start += AT_ONCE) {
    const counters = Array.from({ length: AT_ONCE }, (_, i) => start + i);
    const keys = await Promise.all(counters.map((counter) => keyFor(parameters, counter)));
    const found = keys.findIndex((key) => key.startsWith(wanted));
    if (found >= 0) return { counter: counters[found], derivedKey: keys[found] };
  }
}

async function run() {
  const began = performance.now();
  const patience = setTimeout(() => { says.textContent = box.dataset.nearly; }, PATIENCE);
  try {
    const answer = await fetch("/api/v1/captcha", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    const challenge = await answer.json();
    const solution = await solve(challenge.parameters);
    solution.time = Math.round(performance.now() - began);
    field.value = btoa(JSON.stringify({ challenge, solution }));
    box.classList.add("solved");
    says.textContent = box.dataset.done;
  } catch {
    says.textContent = box.dataset.failed;
  } finally {
    clearTimeout(patience);
  }
}

if (field.value) box.classList.add("solved");
else solving = run();

// Sent before it is solved: the form waits for it, then goes by itself.
form.addEventListener("submit", async (event) => {
  if (event.defaultPrevented || field.value || !solving) return;
  event.preventDefault();
  const button = event.submitter;
  if (button) button.setAttribute("aria-disabled", "true");
  await solving;
  solving = null;
  if (button) button.removeAttribute("aria-disabled");
  delete form.dataset.sent;
  if (field.value) form.requestSubmit(button);
});
