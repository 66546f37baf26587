// The start page: what is on now, what comes next, and what has changed.
(function (app) {
  'use strict';
  var place = document.getElementById('now'), list = place.querySelector('div');
  var changes = document.getElementById('changes'), shown = '';

  function heading(text) { return app.make('h3', 'quiet', text); }
  function cards(sessions, options) {
    var ordered = app.make('ol', 'cards');
    sessions.slice(0, 6).forEach(function (session) { ordered.appendChild(app.card(session, options)); });
    return ordered;
  }

  function tick() {
    var now = app.now(), on = [], next = [], at = Infinity, finish = 0, begin = Infinity;
    app.index.sessions.forEach(function (row, place) {
      var change = app.changes[row[0]] || {};
      if (change.cancelled) return;
      var begins = change.begins || row[2], ends = change.ends || row[3];
      finish = Math.max(finish, ends);
      begin = Math.min(begin, begins);
      if (begins <= now && now < ends) on.push(place + 1);
      if (begins > now && begins < at) {
        at = begins;
        next = [];
      }
      if (begins > now && begins === at) next.push(place + 1);
    });
    // Long before and after the event there is no now to speak of.
    var state = now > finish || now < begin - 24 * 60 ? '' : JSON.stringify([on, next]);
    place.hidden = !state;
    if (state === shown) return;
    shown = state;
    list.textContent = '';
    if (!state) return;
    if (on.length) {
      on.reverse();
      list.appendChild(cards(on.map(app.session), { mark: app.words.now }));
    } else list.appendChild(app.make('p', 'note', app.words.nothing_now));
    if (next.length) {
      list.appendChild(heading(app.words.next));
      list.appendChild(cards(next.map(app.session), { day: true }));
    }
  }

  function news() {
    var numbers = [];
    app.index.sessions.forEach(function (row, place) {
      if (Object.prototype.hasOwnProperty.call(app.changes, row[0])) numbers.push(place + 1);
    });
    changes.hidden = !numbers.length;
    changes.textContent = '';
    if (!numbers.length) return;
    changes.className = 'block';
    changes.appendChild(app.make('h2', '', app.words.changes + ' (' + numbers.length + ')'));
    var ordered = app.make('ol', 'cards');
    numbers.slice(0, 20).forEach(function (number) {
      var session = app.session(number), card = app.card(session, { day: true });
      if (!session.cancelled) {
        app.changeWords(app.changes[session.id]).forEach(function (words) {
          card.insertBefore(app.make('p', 'change', words), card.querySelector('.star'));
        });
      }
      ordered.appendChild(card);
    });
    changes.appendChild(ordered);
  }

  tick();
  news();
  document.addEventListener('changes', function () { shown = ''; tick(); news(); });
  setInterval(tick, 30000);
})(eventApp);
