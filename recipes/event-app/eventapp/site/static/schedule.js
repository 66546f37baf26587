// A day's page: filters by track and by bookmark, and where the clock stands.
(function (app) {
  'use strict';
  var cards = Array.from(document.querySelectorAll('.card[data-id]'));
  var filters = document.querySelector('[data-filters]');
  var slots = Array.from(document.querySelectorAll('.slot')), none = document.querySelector('[data-none]');
  var mine = filters.querySelector('[data-mine]'), clear = filters.querySelector('[data-clear]');
  var picks = Array.from(filters.querySelectorAll('[data-track]'));

  // The filter stays while one goes from day to day.
  function remember(value) {
    try { sessionStorage.setItem('filter:' + app.id, JSON.stringify(value)); } catch (error) { /* Off. */ }
  }
  function remembered() {
    try { return JSON.parse(sessionStorage.getItem('filter:' + app.id)) || {}; } catch (error) { return {}; }
  }
  function trackOf(pick) { return pick.getAttribute('data-track'); }
  function pressed(button) { return button.getAttribute('aria-pressed') === 'true'; }

  function apply() {
    var tracks = new Set(picks.filter(pressed).map(trackOf));
    var only = pressed(mine), marks = new Set(app.marks()), left = 0;
    cards.forEach(function (card) {
      var fits = (!tracks.size || tracks.has(card.getAttribute('data-t')))
        && (!only || marks.has(card.getAttribute('data-id')));
      card.hidden = !fits;
      if (fits) left++;
    });
    slots.forEach(function (slot) { slot.hidden = !slot.querySelector('.card:not([hidden])'); });
    document.querySelectorAll('.schedule .cards').forEach(function (list) {
      list.hidden = !list.querySelector('.card:not([hidden])');
    });
    var active = tracks.size + (only ? 1 : 0);
    filters.querySelector('[data-count]').textContent = active ? '(' + active + ')' : '';
    clear.hidden = !active;
    none.hidden = left > 0;
  }
  function changed() {
    remember({ mine: pressed(mine), tracks: picks.filter(pressed).map(trackOf) });
    apply();
  }
  picks.concat([mine]).forEach(function (button) {
    button.addEventListener('click', function () {
      button.setAttribute('aria-pressed', String(!pressed(button)));
      changed();
    });
  });
  clear.addEventListener('click', function () {
    picks.concat([mine]).forEach(function (button) { button.setAttribute('aria-pressed', 'false'); });
    changed();
    mine.focus();
  });
  document.addEventListener('marks', function () { if (pressed(mine)) apply(); });
  var before = remembered();
  if (before.mine) mine.setAttribute('aria-pressed', 'true');
  picks.forEach(function (pick) {
    if ((before.tracks || []).indexOf(trackOf(pick)) >= 0) pick.setAttribute('aria-pressed', 'true');
  });
  filters.hidden = false;
  // What was not drawn yet has guessed heights: the second look goes by the true ones.
  document.querySelectorAll('.jump a').forEach(function (link) {
    link.addEventListener('click', function () {
      var slot = document.getElementById(link.hash.slice(1));
      [50, 250].forEach(function (later) { setTimeout(function () { slot.scrollIntoView(); }, later); });
    });
  });
  apply();

  // The clock: a line where now is, and marks on what is on.
  var line = app.make('p', 'now-line'), button = app.make('button', 'button floating', app.words.jump_now);
  button.type = 'button';
  button.addEventListener('click', function () { line.scrollIntoView({ block: 'center' }); });
  line.id = 'now';
  function tick() {
    var now = app.now(), schedule = document.querySelector('.schedule');
    var first = Math.min.apply(null, slots.map(function (slot) { return Number(slot.getAttribute('data-s')); }));
    var last = 0;
    cards.forEach(function (card) {
      var begins = Number(card.getAttribute('data-s')), ends = Number(card.getAttribute('data-e'));
      var on = begins <= now && now < ends;
      last = Math.max(last, ends);
      card.classList.toggle('past', ends <= now);
      card.classList.toggle('on', on);
      var mark = card.querySelector('.live-mark');
      if (on && !mark) card.insertBefore(app.make('p', 'live-mark', app.words.now), card.firstChild);
      if (!on && mark) mark.remove();
    });
    if (now < first || now >= last) {
      line.remove();
      button.remove();
      return;
    }
    line.textContent = app.words.now + ' · ' + app.time(now);
    var next = slots.find(function (slot) { return Number(slot.getAttribute('data-s')) > now; }) || null;
    if (line.parentNode !== schedule || line.nextElementSibling !== next) schedule.insertBefore(line, next);
    if (!button.parentNode && cards.length > 6) document.querySelector('main').appendChild(button);
  }
  tick();
  document.addEventListener('changes', tick);
  setInterval(tick, 30000);
})(eventApp);
