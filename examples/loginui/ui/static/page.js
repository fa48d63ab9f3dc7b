// Everything works without this file. It shows countdowns, checks whether a push
// notification was approved, and sends no form twice, or too early.
"use strict";

function words(left) {
  const parts = [];
  if (left >= 60) parts.push(Math.floor(left / 60) + " min");
  if (left % 60 || !parts.length) parts.push((left % 60) + " s");
  return parts.join(" ");
}

for (const part of document.querySelectorAll("[data-seconds]")) {
  const end = performance.now() + 1000 * part.dataset.seconds;
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    if (left > 0) {
      part.querySelector("[role=timer]").textContent = words(left);
      return;
    }
    part.querySelector("[data-before]").hidden = true;
    part.querySelector("[data-after]").hidden = false;
    clearInterval(timer);
  };
  const timer = setInterval(tick, 500);
}

for (const button of document.querySelectorAll("[data-enable-in]")) {
  button.disabled = true;
  setTimeout(() => { button.disabled = false; }, 1000 * button.dataset.enableIn);
}

for (const form of document.querySelectorAll("form")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  if (form.dataset.submitIn) {
    setTimeout(() => form.requestSubmit(), 1000 * Math.max(1, form.dataset.submitIn));
  }
}

// A page from the cache of the back button shows an old countdown.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
