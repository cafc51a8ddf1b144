// Runs before the first paint: puts the chosen theme on the root element, so that nobody sees a white flash at night.
(function () {
  "use strict";
  var root = document.documentElement;
  var chosen = "auto";
  try {
    chosen = window.localStorage.getItem("sportello-theme") || "auto";
  } catch (refused) {
    chosen = "auto"; // storage may be switched off in the browser
  }
  var dark = chosen === "dark" || (chosen === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  root.setAttribute("data-theme-choice", chosen);
  root.setAttribute("data-bs-theme", dark ? "dark" : "light");
  root.classList.add("js");
})();
