"use strict";
// How hard the password would be to guess, said in words and in bars. Advice only: the server decides.
const input = document.querySelector("[data-strength]");
const words = input.dataset.strength.split("|");
const meter = document.createElement("div");
const said = document.createElement("p");
meter.innerHTML = "<i></i><i></i><i></i><i></i>";
meter.setAttribute("aria-hidden", "true");
said.className = "strength-says";
said.setAttribute("role", "status");
input.after(meter, said);

function strength(password) {
  if (password.length < 8 || /^(.)\1*$/.test(password)) return 1;
  const kinds = [/[a-zà-ỹ]/, /[A-ZÀ-Ỹ]/, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length;
  const points = password.length + kinds * 2;
  return points < 13 ? 1 : points < 16 ? 2 : points < 20 ? 3 : 4;
}

input.addEventListener("input", () => {
  const level = input.value ? strength(input.value) : 0;
  meter.className = `strength s${level}`;
  said.textContent = level ? words[level - 1] : "";
});
