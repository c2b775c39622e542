// The text stands in a field of its own; the button only saves the long press.
"use strict";
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "已复制，请到群里粘贴";
  } catch {
    button.textContent = document.execCommand("copy") ? "已复制，请到群里粘贴" : "请长按上面的文字复制";
  }
});
