// For browsers without modules (before 2018): old syntax only.
(function () {
  new Image().src = "too-old?" + new Date().getTime();
  function tell() {
    document.getElementById("title").innerHTML = "This browser is too old for the test";
    document.getElementById("lead").innerHTML = "natwizard has noted it. Go back to its window.";
    document.getElementById("rows").style.display = "none";
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", tell);
  } else {
    tell();
  }
})();
