"use strict";
(function () {
  document.documentElement.classList.add("js");

  // Filters: every word of the search must occur, every chosen value must be the row's.
  document.querySelectorAll(".filters").forEach(function (filters) {
    var rows = Array.prototype.slice.call(document.getElementById(filters.dataset.for).querySelectorAll(".row"));
    var texts = null;
    var search = filters.querySelector("[data-text]");
    var selects = Array.prototype.slice.call(filters.querySelectorAll("select"));
    var output = filters.querySelector("output");
    function apply() {
      var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      if (words.length && !texts) texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
      var shown = 0;
      rows.forEach(function (row, index) {
        var fits = selects.every(function (select) { return !select.value || row.dataset[select.dataset.key] === select.value; })
          && words.every(function (word) { return texts[index].indexOf(word) >= 0; });
        row.hidden = !fits;
        if (fits) shown++;
      });
      output.textContent = shown === rows.length ? rows.length + " shown" : shown + " of " + rows.length + " shown";
    }
    filters.addEventListener("input", apply);
    apply();
  });

  // Sorting: a button in each header that can sort.
  document.querySelectorAll("table.sortable").forEach(function (table) {
    var body = table.tBodies[0];
    var headers = Array.prototype.slice.call(table.tHead.rows[0].cells);
    headers.forEach(function (header, column) {
      if (header.dataset.sort === "none") return;
      var numeric = header.dataset.sort === "number";
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      header.textContent = "";
      header.appendChild(button);
      header.classList.add("can");
      button.addEventListener("click", function () {
        var first = numeric ? "descending" : "ascending";
        var second = numeric ? "ascending" : "descending";
        var direction = header.getAttribute("aria-sort") === first ? second : first;
        headers.forEach(function (other) { other.removeAttribute("aria-sort"); });
        header.setAttribute("aria-sort", direction);
        var sign = direction === "ascending" ? 1 : -1;
        var keyed = Array.prototype.map.call(body.rows, function (row, index) {
          var cell = row.cells[column];
          return { row: row, index: index, key: numeric ? Number(cell.dataset.value) : cell.textContent.toLowerCase() };
        });
        keyed.sort(function (left, right) {
          return left.key < right.key ? -sign : left.key > right.key ? sign : left.index - right.index;
        });
        keyed.forEach(function (item) { body.appendChild(item.row); });
      });
    });
  });

  // The dependency picture: pointing at a box shows its lines and what they lead to.
  document.querySelectorAll(".graph").forEach(function (graph) {
    var paths = Array.prototype.slice.call(graph.querySelectorAll("path"));
    var nodes = Array.prototype.slice.call(graph.querySelectorAll(".node"));
    function aim(id) {
      var near = {};
      near[id] = true;
      paths.forEach(function (path) {
        var on = id !== null && (path.dataset.a === id || path.dataset.b === id);
        path.classList.toggle("on", on);
        if (on) { near[path.dataset.a] = true; near[path.dataset.b] = true; }
      });
      nodes.forEach(function (node) { node.classList.toggle("on", id !== null && !!near[node.dataset.n]); });
      graph.classList.toggle("aim", id !== null);
    }
    nodes.forEach(function (node) {
      node.addEventListener("mouseenter", function () { aim(node.dataset.n); });
      node.addEventListener("mouseleave", function () { aim(null); });
      node.addEventListener("focus", function () { aim(node.dataset.n); });
      node.addEventListener("blur", function () { aim(null); });
    });
  });

  // On paper everything is open.
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (details) { details.open = true; });
  });
})();
