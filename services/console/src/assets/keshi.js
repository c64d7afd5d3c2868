// What pages do beyond links and forms. Every page works without it.
"use strict";
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  if (form) form.requestSubmit();
});
