// On every page: what is kept, times in the event's zone, ribbons on sessions, and changes that were learnt.
(function (app) {
  'use strict';
  var page = document.documentElement;
  app.root = page.getAttribute('data-root') || '';

  // What is kept on the phone, under the event's id; without storage nothing is, and nothing breaks.
  app.read = function (key, otherwise) {
    try {
      var text = localStorage.getItem('event:' + app.id + ':' + key);
      var value = text === null ? null : JSON.parse(text);
      return value === null ? otherwise : value;
    } catch (error) { return otherwise; }
  };
  app.keep = function (key, value) {
    try {
      localStorage.setItem('event:' + app.id + ':' + key, JSON.stringify(value));
    } catch (error) { /* Full or off. */ }
  };

  app.say = function (key, values) {
    return app.words[key].replace(/\{(\w+)\}/g, function (whole, name) {
      return values && name in values ? String(values[name]) : whole;
    });
  };
  app.make = function (name, className, text) {
    var element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  function isolated(text) { return app.make('bdi', '', text); }
  app.now = function () { return Math.floor(Date.now() / 60000); };

  // Minutes since 1970 <-> what a clock in the event's zone shows.
  app.offset = function (minute) {
    var known = app.offsets, found = known[0][1];
    for (var i = 0; i < known.length && known[i][0] <= minute; i++) found = known[i][1];
    return found;
  };
  app.local = function (minute) { return new Date((minute + app.offset(minute)) * 60000); };
  app.time = function (minute) {
    var date = app.local(minute), hour = date.getUTCHours(), minutes = ('0' + date.getUTCMinutes()).slice(-2);
    if (app.hours === 24) return ('0' + hour).slice(-2) + ':' + minutes;
    return app.say('time12', { h: (hour + 11) % 12 + 1, mm: minutes, p: hour < 12 ? app.words.am : app.words.pm });
  };
  app.dateKey = function (minute) { return app.local(minute).toISOString().slice(0, 10); };
  function weekday(minute) { return app.words.weekdays_short[(app.local(minute).getUTCDay() + 6) % 7]; }
  app.span = function (begins, ends) {
    if (ends <= begins) return app.time(begins);
    var text = app.time(begins) + ' – ' + app.time(ends);
    return app.dateKey(begins) === app.dateKey(ends) ? text : text + ' (' + weekday(ends) + ')';
  };
  app.day = function (minute) {
    var key = app.dateKey(minute);
    for (var i = 0; i < app.days.length; i++) if (app.days[i][0] === key) return app.days[i][1];
    var date = app.local(minute);
    return app.say('date_short', {
      weekday: weekday(minute), day: date.getUTCDate(), month: app.words.months_short[date.getUTCMonth()]
    });
  };

  // Bookmarks: session ids in the order in which they were set.
  app.marks = function () {
    var marks = app.read('marks', []);
    return Array.isArray(marks) ? marks.filter(function (id) { return typeof id === 'string'; }) : [];
  };
  app.marked = function (id) { return app.marks().indexOf(id) >= 0; };
  app.mark = function (id, wanted) {
    var marks = app.marks().filter(function (other) { return other !== id; });
    if (wanted) marks.push(id);
    app.keep('marks', marks);
    document.dispatchEvent(new CustomEvent('marks'));
  };
  function show(star, title, wide, set) {
    star.setAttribute('aria-pressed', String(set));
    if (wide) star.textContent = set ? app.words.remove_short : app.words.add_short;
    else star.setAttribute('aria-label', app.say('add', { title: title }));
  }
  app.star = function (id, title, wide, marks) {
    var star = app.make('button', wide ? 'star wide' : 'star');
    star.type = 'button';
    show(star, title, wide, (marks || app.marks()).indexOf(id) >= 0);
    star.addEventListener('click', function () {
      var set = star.getAttribute('aria-pressed') !== 'true';
      show(star, title, wide, set);
      app.mark(id, set);
    });
    return star;
  };

  // A session of the index, with what was learnt since: {number, id, title, begins, ends, track, room, people}.
  app.session = function (number) {
    var row = app.index.sessions[number - 1], change = app.changes[row[0]] || {};
    return {
      number: number, id: row[0], title: change.title || row[1], begins: change.begins || row[2],
      ends: change.ends || row[3], track: row[4], room: change.room || (row[5] ? app.index.rooms[row[5] - 1] : ''),
      people: row[6].map(function (one) { return app.index.speakers[one - 1][0]; }),
      cancelled: Boolean(change.cancelled)
    };
  };
  app.card = function (session, options) {
    var item = app.make('li', 'card' + (session.track ? ' t' + session.track : '')), heading = app.make('h3');
    var link = app.make('a');
    link.href = app.root + 'sessions/' + session.number + '.html';
    link.appendChild(isolated(session.title));
    heading.appendChild(link);
    if (options && options.mark) item.appendChild(app.make('p', 'live-mark', options.mark));
    item.appendChild(heading);
    var meta = app.make('p', 'meta', (options && options.day ? app.day(session.begins) + ' · ' : '')
      + app.span(session.begins, session.ends) + (session.room ? ' · ' : ''));
    if (session.room) meta.appendChild(isolated(session.room));
    item.appendChild(meta);
    if (session.people.length) {
      var who = app.make('p', 'who');
      session.people.slice(0, 4).forEach(function (name, place) {
        if (place) who.appendChild(document.createTextNode(', '));
        who.appendChild(isolated(name));
      });
      if (session.people.length > 4) who.appendChild(document.createTextNode(' +' + (session.people.length - 4)));
      item.appendChild(who);
    }
    if (session.track) {
      var chip = app.make('p', 'chip');
      chip.appendChild(isolated(app.index.tracks[session.track - 1]));
      item.appendChild(chip);
    }
    if (session.cancelled) {
      item.classList.add('gone');
      item.appendChild(app.make('p', 'change', app.words.cancelled));
    }
    item.appendChild(app.star(session.id, session.title, false, options && options.marks));
    return item;
  };

  // Changes learnt from the event's address, by session id; kept from the last time.
  // What was learnt about an older programme says nothing of this one.
  var learnt = app.endpoint ? app.read('changes', {}) : {};
  app.changes = learnt.version === app.version && learnt.changes || {};
  app.changeWords = function (change) {
    if (change.cancelled) return [app.words.cancelled];
    var said = [];
    if (change.begins) {
      said.push(app.say('moved_time', {
        time: (change.day ? app.day(change.begins) + ', ' : '') + app.span(change.begins, change.ends || change.begins)
      }));
    }
    if (change.room) said.push(app.say('moved_room', { room: change.room }));
    if (change.title) said.push(app.say('renamed', { title: change.title }));
    return said;
  };
  app.showChanges = function () {
    document.querySelectorAll('[data-id] .change').forEach(function (old) { old.remove(); });
    document.querySelectorAll('.gone[data-id]').forEach(function (old) { old.classList.remove('gone'); });
    if (!Object.keys(app.changes).length) return;
    document.querySelectorAll('[data-id]').forEach(function (place) {
      var id = place.getAttribute('data-id');
      if (!Object.prototype.hasOwnProperty.call(app.changes, id)) return;
      var change = app.changes[id], title = place.querySelector('.title') || place;
      app.changeWords(change).forEach(function (words) {
        var note = app.make('p', 'change', words);
        note.dir = 'auto';
        title.insertBefore(note, title.querySelector('.star'));
      });
      if (change.cancelled) place.classList.add('gone');
      if (change.begins && place.hasAttribute('data-s')) {
        place.setAttribute('data-s', change.begins);
        place.setAttribute('data-e', change.ends || change.begins);
      }
    });
    document.dispatchEvent(new CustomEvent('changes'));
  };

  function start() {
    var marks = app.marks();
    document.querySelectorAll('.card[data-id]').forEach(function (card) {
      card.appendChild(app.star(card.getAttribute('data-id'), card.querySelector('h3').textContent, false, marks));
    });
    var whole = document.querySelector('[data-whole]');
    if (whole) {
      document.querySelector('[data-star]').appendChild(
        app.star(whole.getAttribute('data-id'), whole.querySelector('h1').textContent, true, marks));
      var begins = Number(whole.getAttribute('data-s')), here = new Date(begins * 60000);
      if (-here.getTimezoneOffset() !== app.offset(begins)) {
        var yours = here.toLocaleString(page.lang, { weekday: 'short', hour: 'numeric', minute: '2-digit' });
        whole.querySelector('[data-yours]').insertAdjacentElement('afterend',
          app.make('small', '', app.say('your_time', { time: yours })));
      }
    }
    // On a day of the event, the schedule opens on it.
    var today = app.dateKey(app.now());
    app.days.forEach(function (day) {
      if (day[0] !== today) return;
      document.querySelectorAll('[data-tab=schedule]').forEach(function (tab) { tab.href = app.root + day[2]; });
      document.querySelectorAll('.days [data-date="' + today + '"]').forEach(function (tab) {
        tab.classList.add('today');
      });
    });
    var current = document.querySelector('.days [aria-current]');
    if (current) current.scrollIntoView({ block: 'nearest', inline: 'center' });
    var themes = document.querySelector('[data-themes]');
    if (themes) {
      themes.hidden = false;
      themes.querySelectorAll('input').forEach(function (choice) {
        choice.checked = choice.value === (page.getAttribute('data-theme') || 'auto');
        choice.addEventListener('change', function () {
          if (choice.value === 'auto') page.removeAttribute('data-theme');
          else page.setAttribute('data-theme', choice.value);
          try { localStorage.setItem('theme', choice.value); } catch (error) { /* Off. */ }
        });
      });
    }
    app.showChanges();
  }
  start();
})(eventApp);
