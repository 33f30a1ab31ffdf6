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
  var opened = [];
  window.addEventListener("beforeprint", function () {
    opened = Array.prototype.slice.call(document.querySelectorAll("details:not([open]):not(.screen)"));
    opened.forEach(function (details) { details.open = true; });
  });
  window.addEventListener("afterprint", function () {
    opened.forEach(function (details) { details.open = false; });
  });
})();
