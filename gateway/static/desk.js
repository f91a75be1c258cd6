"use strict";
// Keys for officials: j k o a r. Never while typing; everything is a plain link or button without them.
const help = document.querySelector(".keys");
if (help) help.hidden = false;

const rows = [...document.querySelectorAll(".queue .what a")];
const order = rows.length ? rows.map((row) => row.pathname) : JSON.parse(sessionStorage.getItem("queue") || "[]");
if (rows.length) sessionStorage.setItem("queue", JSON.stringify(order));

function typing(target) {
  return target.closest("input, select, textarea, [contenteditable]");
}

function move(by) {
  if (rows.length) {
    const at = rows.indexOf(document.activeElement);
    rows[Math.min(Math.max(at + by, 0), rows.length - 1)].focus();
    return;
  }
  const next = order[order.indexOf(location.pathname) + by];
  if (order.includes(location.pathname) && next) location.assign(next);
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  o: () => (rows.includes(document.activeElement) ? document.activeElement.click() : !rows.length && location.assign("/can-bo")),
  a: () => document.querySelector("[data-key=a]")?.click(),
  r: () => document.querySelector("[data-key=r]")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  keys[event.key]?.();
});
