// Saved answers: a click puts the text where the writer is writing.
(function () {
  "use strict";
  document.addEventListener("click", function (event) {
    var button = event.target instanceof Element ? event.target.closest("[data-insert]") : null;
    var field = button ? document.getElementById(button.dataset.into) : null;
    if (!field) { return; }
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    button.closest("details").removeAttribute("open");
    field.focus();
  });
})();
