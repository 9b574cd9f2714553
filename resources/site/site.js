// Plain ECMAScript 5: hospital desktops run old browsers. Without it everything is simply one long page.
(function () {
  "use strict";
  var views = ["overview", "items", "evidence"];
  var items = all(".item");
  var clauses = all(".clause").map(function (node) {
    return { node: node, text: node.textContent.toLowerCase(), data: node.dataset };
  });
  var pieces = all("#evidence tbody tr").map(function (node) {
    return { node: node, text: node.textContent.toLowerCase(), kind: node.dataset.kind };
  });
  var chosen = "";

  function all(selector) {
    return Array.prototype.slice.call(document.querySelectorAll(selector));
  }
  function byId(id) {
    return document.getElementById(id);
  }
  function value(id) {
    return byId(id).value;
  }

  function show(view) {
    views.forEach(function (name) {
      byId(name).hidden = name !== view;
      byId("to-" + name).className = name === view ? "here" : "";
    });
  }

  function filterClauses() {
    var goal = Number(document.body.dataset.target);
    var level = value("f-level");
    var words = value("f-search").toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    clauses.forEach(function (clause) {
      var data = clause.data;
      var fits =
        (level === "" || (level === "goal" ? Number(data.level) <= goal : data.level === level)) &&
        (value("f-group") === "" || (" " + data.group + " ").indexOf(" " + value("f-group") + " ") >= 0) &&
        (value("f-verdict") === "" || data.verdict === value("f-verdict")) &&
        (value("f-state") === "" || data.state === value("f-state")) &&
        words.every(function (word) { return clause.text.indexOf(word) >= 0; });
      clause.node.hidden = !fits;
    });
    items.forEach(function (item) {
      var left = item.querySelectorAll(".clause:not([hidden])").length;
      item.hidden = chosen ? item.id !== chosen : left === 0;
      if (!item.hidden) { shown += left; }
    });
    byId("f-count").textContent = shown ? (chosen ? "本项目 " : "共 ") + shown + " 条" : "没有符合的条款，请放宽筛选条件";
  }

  function filterEvidence() {
    var words = value("e-search").toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    pieces.forEach(function (piece) {
      var fits =
        (value("e-kind") === "" || piece.kind === value("e-kind")) &&
        words.every(function (word) { return piece.text.indexOf(word) >= 0; });
      piece.node.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    byId("e-count").textContent = shown ? "共 " + shown + " 件" : "没有符合的材料，请放宽筛选条件";
  }

  function choose(id) {
    chosen = id;
    all(".side a").forEach(function (link) {
      var here = link.getAttribute("href") === "#" + (id || "items");
      link.className = here ? "here" : "";
      if (here) { link.parentNode.scrollTop = Math.max(0, link.offsetTop - 160); }
    });
    filterClauses();
  }

  function reveal(node) {
    node.hidden = false;
    node.scrollIntoView();
    all(".flash").forEach(function (other) { other.classList.remove("flash"); });
    node.classList.add("flash");
    node.setAttribute("tabindex", "-1");
    node.focus();
  }

  function route() {
    var id = location.hash.slice(1) || "overview";
    var node = byId(id);
    var start = id.charAt(0) + id.charAt(1);
    if (node && start === "c-") {
      show("items");
      choose(node.parentNode.id);
      reveal(node);
    } else if (node && start === "i-") {
      show("items");
      choose(id);
      window.scrollTo(0, 0);
    } else if (node && start === "e-") {
      show("evidence");
      reveal(node);
    } else {
      show(views.indexOf(id) >= 0 ? id : "overview");
      if (id === "items") { choose(""); }
      window.scrollTo(0, 0);
    }
    document.body.dataset.place = id;
  }

  function load(picture) {
    if (picture.dataset.src) {
      picture.src = picture.dataset.src;
      delete picture.dataset.src;
    }
  }
  function lazily(pictures) {
    if (!("IntersectionObserver" in window)) {
      pictures.forEach(load);
      return;
    }
    var observer = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (entry.isIntersecting) {
          load(entry.target);
          observer.unobserve(entry.target);
        }
      });
    }, { rootMargin: "400px" });
    pictures.forEach(function (picture) { observer.observe(picture); });
  }

  ["f-level", "f-verdict", "f-state"].forEach(function (id) {
    byId(id).addEventListener("change", filterClauses);
  });
  byId("f-group").addEventListener("change", widen);
  byId("f-search").addEventListener("input", widen);
  byId("f-reset").addEventListener("click", function () {
    ["f-group", "f-verdict", "f-state", "f-search"].forEach(function (id) { byId(id).value = ""; });
    byId("f-level").value = "goal";
    widen();
  });
  byId("e-kind").addEventListener("change", filterEvidence);
  byId("e-search").addEventListener("input", filterEvidence);
  function widen() {
    // A group or a word is looked for in all items, not only in the one in hand.
    if (chosen) { location.hash = "items"; } else { filterClauses(); }
  }
  window.addEventListener("hashchange", route);
  window.addEventListener("beforeprint", function () {
    all("img[data-src]").forEach(function (picture) {
      if (picture.offsetParent !== null) { load(picture); }
    });
  });
  all("img[data-src]").forEach(function (picture) {
    picture.addEventListener("error", function () {
      picture.parentNode.innerHTML = '<span class="kind">图片打不开</span>';
    });
  });
  lazily(all("img[data-src]"));
  filterEvidence();
  route();
})();
