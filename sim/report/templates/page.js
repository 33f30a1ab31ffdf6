(function () {
  "use strict";
  var tip = document.getElementById("tip");
  function marked(event) {
    var mark = event.target.closest ? event.target.closest(".role-mark [aria-label]") : null;
    return mark && mark.getAttribute("aria-label");
  }
  function show(event) {
    var words = marked(event);
    tip.hidden = !words;
    if (!words) { return; }
    tip.textContent = words;
    var room = document.documentElement.clientWidth;
    var left = Math.min(event.clientX + 14, room - tip.offsetWidth - 8);
    var top = event.clientY + 18;
    if (top + tip.offsetHeight > window.innerHeight) { top = event.clientY - tip.offsetHeight - 10; }
    tip.style.left = Math.max(left, 4) + "px";
    tip.style.top = Math.max(top, 4) + "px";
  }
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);
  document.addEventListener("scroll", function () { tip.hidden = true; }, { passive: true });
  var charts = JSON.parse(document.getElementById("charts").textContent);
  function refuse() { return Promise.reject(new Error("this report loads nothing")); }
  var quiet = {
    mode: "vega-lite", renderer: "svg", actions: false, defaultStyle: false, tooltip: false,
    loader: { load: refuse, sanitize: refuse, http: refuse, file: refuse }
  };
  function draw(place, width) {
    place.hidden = false;
    return vegaEmbed(place, charts[place.dataset.chart][width], quiet).catch(function () {
      place.textContent = "This chart could not be drawn here. Its numbers are in the table below.";
    });
  }
  function drawAll(width) {
    return Array.prototype.reduce.call(document.querySelectorAll(".chart." + width), function (before, place) {
      return before.then(function () { return draw(place, width); });
    }, Promise.resolve());
  }
  // First what is seen; then the other width, for a screen that is turned or a page that is printed.
  var narrow = window.matchMedia("(max-width: 640px)").matches;
  drawAll(narrow ? "narrow" : "wide").then(function () { return drawAll(narrow ? "wide" : "narrow"); }).then(function () {
    document.documentElement.dataset.drawn = "all";
  });
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("details:not([open]):not(.screen)"));
    opened.forEach(function (details) { details.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (details) { details.open = false; });
  });
})();
