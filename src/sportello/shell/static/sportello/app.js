// Small conveniences on top of pages that work without them. No inline code anywhere, nothing is evaluated.
(function () {
  "use strict";

  var one = function (selector, root) { return (root || document).querySelector(selector); };
  var all = function (selector, root) { return Array.from((root || document).querySelectorAll(selector)); };
  var on = function (kind, selector, act) {
    document.addEventListener(kind, function (event) {
      var target = event.target instanceof Element ? event.target.closest(selector) : null;
      if (target) { act(event, target); }
    });
  };

  // ---- theme: auto → light → dark -------------------------------------------------------------------------------
  var root = document.documentElement;
  var darkMedia = window.matchMedia("(prefers-color-scheme: dark)");

  function showTheme(choice) {
    var dark = choice === "dark" || (choice === "auto" && darkMedia.matches);
    root.setAttribute("data-theme-choice", choice);
    root.setAttribute("data-bs-theme", dark ? "dark" : "light");
    all("[data-theme-set]").forEach(function (item) {
      item.setAttribute("aria-current", String(item.dataset.themeSet === choice));
    });
  }

  on("click", "[data-theme-set]", function (event, item) {
    try { window.localStorage.setItem("sportello-theme", item.dataset.themeSet); } catch (refused) { /* storage off */ }
    showTheme(item.dataset.themeSet);
    closeMenus();
  });
  darkMedia.addEventListener("change", function () { showTheme(root.getAttribute("data-theme-choice") || "auto"); });

  // ---- menus (details): one open at a time, Escape and a click outside close --------------------------------------
  function closeMenus(except) {
    all("details.menu[open]").forEach(function (menu) {
      if (menu !== except && !menu.contains(except || null)) { menu.removeAttribute("open"); }
    });
  }
  document.addEventListener("click", function (event) {
    closeMenus(event.target instanceof Element ? event.target.closest("details.menu") : null);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    var menu = one("details.menu[open]");
    if (menu) { menu.removeAttribute("open"); one("summary", menu).focus(); }
  });
  on("keydown", "details.menu[open]", function (event, menu) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") { return; }
    var items = all(".menu-item", menu);
    if (!items.length) { return; }
    event.preventDefault();
    var at = items.indexOf(document.activeElement);
    items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length].focus();
  });

  // ---- dialogs: what `command="show-modal"` does, for browsers that do not know it yet ----------------------------
  if (!("commandForElement" in HTMLButtonElement.prototype)) {
    on("click", "button[commandfor]", function (event, button) {
      var dialog = document.getElementById(button.getAttribute("commandfor"));
      if (dialog && button.getAttribute("command") === "show-modal") { dialog.showModal(); }
      if (dialog && button.getAttribute("command") === "close") { dialog.close(); }
    });
  }
  on("click", "dialog.box", function (event, dialog) { if (event.target === dialog) { dialog.close(); } });

  // ---- palette: Ctrl-K, arrows, Enter -----------------------------------------------------------------------------
  var palette = document.getElementById("palette");

  function openPalette(event) {
    if (!palette) { return; }
    event.preventDefault();
    if (!palette.open) { palette.showModal(); }
    var input = one("input[type=search]", palette);
    input.focus();
    input.select();
  }
  document.addEventListener("keydown", function (event) {
    var typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") { openPalette(event); }
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) { openPalette(event); }
  });
  on("click", "[data-palette]", openPalette);

  function chooseHit(hits, at) {
    hits.forEach(function (hit, index) { hit.setAttribute("aria-selected", String(index === at)); });
    if (hits[at]) { hits[at].scrollIntoView({ block: "nearest" }); }
    var input = one("input[type=search]", palette);
    if (hits[at]) { input.setAttribute("aria-activedescendant", hits[at].id); } else { input.removeAttribute("aria-activedescendant"); }
  }
  if (palette) {
    palette.addEventListener("keydown", function (event) {
      var hits = all(".hit", palette);
      var at = hits.findIndex(function (hit) { return hit.getAttribute("aria-selected") === "true"; });
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (hits.length) { chooseHit(hits, (at + (event.key === "ArrowDown" ? 1 : -1) + hits.length) % hits.length); }
      }
      if (event.key === "Escape") { event.preventDefault(); palette.close(); } // a search field would only empty itself
      if (event.key === "Enter" && at >= 0) { event.preventDefault(); hits[at].click(); }
    });
    palette.addEventListener("htmx:afterSwap", function () { chooseHit(all(".hit", palette), 0); });
  }

  // ---- lists: select all, count, autosubmit -----------------------------------------------------------------------
  function countChosen(form) {
    var boxes = all("input[type=checkbox][data-row]", form);
    var chosen = boxes.filter(function (box) { return box.checked; }).length;
    var every = one("input[type=checkbox][data-all-rows]", form);
    if (every) { every.checked = chosen > 0 && chosen === boxes.length; every.indeterminate = chosen > 0 && chosen < boxes.length; }
    all(".bulk", form).forEach(function (bar) {
      bar.setAttribute("data-count", String(chosen));
      var text = one("[data-chosen]", bar);
      if (text) { text.textContent = String(chosen); }
    });
  }
  on("change", "input[data-all-rows]", function (event, every) {
    var form = every.form || every.closest("form, .card");
    all("input[type=checkbox][data-row]", form).forEach(function (box) { box.checked = every.checked; });
    countChosen(form);
  });
  on("change", "input[data-row]", function (event, box) { countChosen(box.form || box.closest("form, .card")); });

  on("change", "form[data-autosubmit] select, form[data-autosubmit] input:not([type=search]):not([type=text]):not([data-local])", function (event, field) {
    field.form.requestSubmit();
  });

  // ---- forms: a second click sends nothing ------------------------------------------------------------------------
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method.toLowerCase() !== "post" || event.defaultPrevented) { return; }
    var other = form.hasAttribute("data-download") && form.pressed !== event.submitter;  // the page stays: CSV, then PDF
    if (form.hasAttribute("data-sent") && !other) { event.preventDefault(); return; }
    form.setAttribute("data-sent", "");
    form.pressed = event.submitter;
    form.classList.add("busy");
    all("button[type=submit], button:not([type])", form).forEach(function (button) { button.setAttribute("aria-busy", "true"); });
    if (form.hasAttribute("data-download")) { window.setTimeout(function () { release(form); }, 3000); }
  });
  function release(form) {
    form.removeAttribute("data-sent");
    form.classList.remove("busy");
    all("[aria-busy]", form).forEach(function (button) { button.removeAttribute("aria-busy"); });
  }
  window.addEventListener("pageshow", function () { all("form[data-sent]").forEach(release); });
  document.addEventListener("htmx:afterRequest", function (event) {
    var form = event.target instanceof Element ? event.target.closest("form[data-sent]") : null;
    if (form) { release(form); }
  });

  // ---- file drop zones --------------------------------------------------------------------------------------------
  on("change", ".drop input[type=file]", function (event, input) {
    var names = Array.from(input.files).map(function (file) { return file.name; }).join(", ");
    one(".drop-names", input.closest(".drop")).textContent = names;
  });
  ["dragenter", "dragover"].forEach(function (kind) { on(kind, ".drop", function (event, zone) { zone.classList.add("over"); }); });
  ["dragleave", "drop"].forEach(function (kind) { on(kind, ".drop", function (event, zone) { zone.classList.remove("over"); }); });

  // ---- copy buttons and toasts ------------------------------------------------------------------------------------
  function toast(text, tone) {
    var box = document.getElementById("toasts");
    if (!box || !text) { return; }
    var note = document.createElement("div");
    var body = document.createElement("div");
    note.className = "note tone-" + (tone || "good");
    body.className = "note-body";
    body.textContent = text;
    note.appendChild(body);
    box.appendChild(note);
    window.setTimeout(function () { note.remove(); }, 5000);
  }
  on("click", "[data-print]", function () { window.print(); });
  on("click", "[data-copy]", function (event, button) {
    navigator.clipboard.writeText(button.dataset.copy).then(function () { toast(button.dataset.copied); });
  });
  // The server answers an htmx request with the header HX-Trigger: {"toast": {"text": "…", "tone": "good"}}.
  document.addEventListener("toast", function (event) { toast(event.detail.text, event.detail.tone); });
  ["htmx:sendError", "htmx:responseError"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var box = document.getElementById("toasts");
      var status = event.detail.xhr ? event.detail.xhr.status : 0;
      if (box && status !== 422) { toast(status ? box.dataset.refused : box.dataset.offline, "bad"); }
    });
  });

  // ---- on arrival -------------------------------------------------------------------------------------------------
  function settle(part) {
    all("form", part).forEach(function (form) { if (one("input[data-row]", form)) { countChosen(form); } });
    all("[data-print]", part).forEach(function (button) { button.hidden = false; }); // nothing prints without a script
    all(".tab-bar > [aria-current]", part).forEach(function (tab) {
      tab.parentNode.scrollLeft = tab.offsetLeft - tab.parentNode.offsetLeft - 24;
    });
    var wrong = one("[data-error-summary]", part);
    if (wrong) { wrong.focus(); }
  }
  showTheme(root.getAttribute("data-theme-choice") || "auto");
  settle(document);
  document.addEventListener("htmx:load", function (event) { if (event.target !== document.body) { settle(event.target); } });
})();
