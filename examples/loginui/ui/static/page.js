// Everything works without this file, but countdowns, copying, printing, showing a
// password, and sending a form by itself. It has no texts: they are in the page.
"use strict";

const all = (selector) => document.querySelectorAll(selector);

// Countdowns.
function words(left) {
  const { minutes, seconds } = document.body.dataset;
  const parts = [];
  if (left >= 60) parts.push(minutes.replace("{n}", Math.floor(left / 60)));
  if (left % 60 || !parts.length) parts.push(seconds.replace("{n}", left % 60));
  return parts.join(" ");
}

for (const part of all("[data-left]")) {
  const end = performance.now() + 1000 * part.dataset.left;
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

for (const button of all("[data-enable-in]")) {
  button.disabled = true;
  setTimeout(() => { button.disabled = false; }, 1000 * button.dataset.enableIn);
}

// A form is sent once. It can be sent again after a while, because the user may have
// stopped the first try.
for (const form of all("form")) {
  let sentAt = -Infinity;
  form.addEventListener("submit", (event) => {
    const now = performance.now();
    if (now - sentAt < 5000) event.preventDefault();
    else sentAt = now;
  });
  if (form.dataset.submitIn) {
    setTimeout(() => form.requestSubmit(), 1000 * Math.max(1, form.dataset.submitIn));
  }
}

// A code is sent when its last digit was typed, or when it was pasted: also out of the
// sentence around it. The same digits are not sent by themselves again.
for (const field of all("[data-digits]")) {
  let sent = "";
  field.setAttribute("aria-describedby", field.getAttribute("aria-describedby") + " code-auto");
  field.addEventListener("input", (event) => {
    const digits = field.value.replace(/\D/g, "");
    if (!event.inputType?.startsWith("insert") || digits.length !== Number(field.dataset.digits) || digits === sent) return;
    sent = digits;
    field.form.requestSubmit();
  });
}

for (const button of all("[data-reveals]")) {
  const field = document.getElementById(button.dataset.reveals);
  const { show, hide, showLabel, hideLabel } = button.dataset;
  const reveal = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = shown ? hide : show;
    button.ariaLabel = shown ? hideLabel : showLabel;
  };
  button.addEventListener("click", () => reveal(field.type === "password"));
  field.form.addEventListener("submit", () => reveal(false)); // so that password managers see one
  button.hidden = false;
}

for (const button of all("[data-copy]")) {
  const from = document.getElementById(button.dataset.copy);
  const said = document.getElementById("said");
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const codes = [...from.querySelectorAll("code")].map((code) => code.textContent.replace(/\s/g, ""));
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      button.textContent = said.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = label; said.textContent = ""; }, 3000);
    } catch {
      getSelection().selectAllChildren(from);
      said.className = "hint";
      said.textContent = button.dataset.failed;
    }
  });
  button.hidden = false;
}

for (const button of all("[data-print]")) {
  button.addEventListener("click", () => print());
  button.hidden = false;
}

// A page from the cache of the back button shows an old countdown.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
