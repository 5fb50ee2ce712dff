// For browsers without modules (before 2018): old syntax only.
(function () {
  new Image().src = "too-old?" + new Date().getTime();
  function tell() {
    var words = document.getElementsByTagName("main")[0];
    document.getElementById("title").innerHTML = words.getAttribute("data-old");
    document.getElementById("lead").innerHTML = words.getAttribute("data-old-lead");
    document.getElementById("rows").style.display = "none";
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", tell);
  } else {
    tell();
  }
})();
