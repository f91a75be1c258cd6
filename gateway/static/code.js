"use strict";
// Six boxes in place of the one code input; they take a paste, arrows and backspace.
for (const input of document.querySelectorAll("[data-boxes]")) {
  const size = Number(input.dataset.boxes);
  const boxes = document.createElement("div");
  boxes.className = "boxes";
  boxes.setAttribute("role", "group");
  boxes.setAttribute("aria-label", input.labels[0].innerText);
  if (input.hasAttribute("aria-describedby")) boxes.setAttribute("aria-describedby", input.getAttribute("aria-describedby"));
  const all = Array.from({ length: size }, (_, i) => {
    const one = document.createElement("input");
    one.inputMode = "numeric";
    one.autocomplete = i ? "off" : "one-time-code";
    one.setAttribute("aria-label", input.dataset.box.replace("{i}", i + 1).replace("{n}", size));
    boxes.append(one);
    return one;
  });
  const fill = (from, text) => {
    const digits = text.replace(/\D/g, "").slice(0, size - from);
    [...digits].forEach((digit, i) => { all[from + i].value = digit; });
    input.value = all.map((one) => one.value).join("");
    all[Math.min(from + digits.length, size - 1)].focus();
  };
  all.forEach((one, i) => {
    one.addEventListener("focus", () => one.select());
    one.addEventListener("input", () => {
      const text = one.value;
      one.value = "";
      fill(i, text);
    });
    one.addEventListener("paste", (event) => {
      event.preventDefault();
      const text = event.clipboardData.getData("text");
      fill(text.replace(/\D/g, "").length >= size ? 0 : i, text);
    });
    one.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" && !one.value && i) {
        all[i - 1].value = "";
        all[i - 1].focus();
      } else if (event.key === "ArrowLeft" && i) all[i - 1].focus();
      else if (event.key === "ArrowRight" && i < size - 1) all[i + 1].focus();
      else return;
      input.value = all.map((other) => other.value).join("");
      event.preventDefault();
    });
  });
  const label = input.labels[0];
  input.type = "hidden";
  input.removeAttribute("id");
  all[0].id = "code";
  input.after(boxes);
  label.htmlFor = "code";
  if (!document.getElementById("errors")) all[0].focus();
}

// The countdown to "Gửi lại mã".
for (const button of document.querySelectorAll("[data-resend-at]")) {
  const words = button.textContent;
  const at = Date.parse(button.dataset.resendAt);
  const tick = () => {
    const left = Math.ceil((at - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? button.dataset.wait.replace("{s}", left) : words;
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}
