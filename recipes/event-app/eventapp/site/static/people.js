// Finds speakers by a part of their name on the page of all.
(function () {
  'use strict';
  var field = document.querySelector('[data-find]');
  if (!field) return;
  var input = field.querySelector('input'), people = Array.from(document.querySelectorAll('[data-group] .person'));
  var groups = Array.from(document.querySelectorAll('[data-group]'));
  var featured = document.querySelector('[data-featured]');
  function fold(text) { return text.normalize('NFKD').replace(/[\u0300-\u036f\u064b-\u065f]/g, '').toLowerCase(); }
  var names = null;
  field.hidden = false;
  input.addEventListener('input', function () {
    names = names || people.map(function (person) { return fold(person.querySelector('a').textContent); });
    var wanted = fold(input.value.trim());
    people.forEach(function (person, place) { person.hidden = Boolean(wanted) && names[place].indexOf(wanted) < 0; });
    groups.forEach(function (group) { group.hidden = !group.querySelector('.person:not([hidden])'); });
    if (featured) featured.hidden = Boolean(wanted);
  });
})();
