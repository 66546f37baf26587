// My schedule: what was marked, by day, with what overlaps.
(function (app) {
  'use strict';
  document.querySelector('[data-scriptless]').remove();
  var place = document.getElementById('mine'), none = document.querySelector('[data-none]');
  var gone = document.querySelector('[data-gone]');

  function draw() {
    var marks = app.marks(), known = new Map(), sessions = [], day = '', list = null;
    app.index.sessions.forEach(function (row, index) { known.set(row[0], index + 1); });
    marks.forEach(function (id) { if (known.has(id)) sessions.push(app.session(known.get(id))); });
    sessions.sort(function (one, other) { return one.begins - other.begins || one.number - other.number; });
    place.textContent = '';
    sessions.forEach(function (session) {
      if (app.dateKey(session.begins) !== day) {
        day = app.dateKey(session.begins);
        var section = app.make('section', 'listed');
        section.appendChild(app.make('h2', '', app.day(session.begins)));
        list = app.make('ol', 'cards');
        section.appendChild(list);
        place.appendChild(section);
      }
      var card = app.card(session, { marks: marks });
      // Sessions are few here: what one person can go to.
      sessions.forEach(function (other) {
        if (other === session || other.cancelled || session.cancelled) return;
        if (session.begins < other.ends && other.begins < session.ends) {
          var note = app.make('p', 'change', app.say('overlaps', { title: other.title }));
          note.dir = 'auto';
          card.insertBefore(note, card.querySelector('.star'));
        }
      });
      list.appendChild(card);
    });
    none.hidden = sessions.length > 0;
    var lost = marks.length - sessions.length;
    gone.hidden = lost <= 0;
    gone.textContent = lost > 0 ? app.say('my_gone', { n: lost }) : '';
  }

  draw();
  document.addEventListener('changes', draw);
  // A session that was just taken out stays until the page is left, so that a slip can be undone.
  window.addEventListener('pageshow', function (event) { if (event.persisted) draw(); });
})(eventApp);
