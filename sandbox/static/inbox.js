// New messages appear by themselves, unless the reader has switched that off.
const inbox = document.getElementById("inbox");
const follow = document.getElementById("follow");
follow.parentElement.hidden = false;

async function look() {
  if (!follow.checked || document.hidden) return;
  const answer = await fetch("/inbox" + location.search);
  const found = answer.ok ? await answer.text() : shown;
  if (found !== shown) inbox.innerHTML = shown = found;
}

let shown = "";
setInterval(() => look().catch(() => {}), 2000);
