// Asks the event's address for changes: when the app is opened and at most every five minutes; silent if it fails.
(function (app) {
  'use strict';
  if (!app.endpoint) return;
  var EVERY = 5 * 60000, PATIENCE = 15000, MOST = 16 * 1024 * 1024, TEXT = 500, AGAIN = 20000;
  var busy = false, left = false;
  var NOT_SHOWN = ['rejected', 'pending', 'draft', 'withdrawn', 'canceled', 'cancelled', 'deleted', 'trashed'];
  var place = document.querySelector('[data-checked]'), button = document.querySelector('[data-check]');

  function status() { return app.read('checked', {}); }
  function show() {
    if (!place) return;
    var last = status(), said = [];
    function when(at) { return new Date(at).toLocaleString(document.documentElement.lang); }
    if (last.failed) said.push(app.say('check_failed', { time: when(last.failed) }));
    if (last.at) said.push(app.say('checked', { time: when(last.at) }));
    place.textContent = said.join(' ') || app.words.checked_never;
  }

  // The index is needed only when there is something to compare.
  function index() {
    return new Promise(function (resolve, reject) {
      if (app.index) return resolve();
      var script = document.createElement('script');
      script.src = app.root + 'static/search-index.js';
      script.onload = resolve;
      script.onerror = reject;
      document.head.appendChild(script);
    });
  }

  async function fetched() {
    var stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, PATIENCE);
    try {
      var answer = await fetch(app.endpoint + '/sessions', {
        signal: stop.signal, cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer',
        headers: { Accept: 'application/json' }
      });
      if (!answer.ok) throw new Error('status');
      var reader = answer.body.getReader(), decoder = new TextDecoder(), text = '', size = 0;
      for (;;) {
        var part = await reader.read();
        if (part.done) break;
        size += part.value.length;
        if (size > MOST) {
          stop.abort();
          throw new Error('size');
        }
        text += decoder.decode(part.value, { stream: true });
      }
      return JSON.parse(text + decoder.decode());
    } finally { clearTimeout(timer); }
  }

  // Keys as they are compared: exports spell start-time, start_time, Start_Time.
  function spelled(object) {
    var found = {};
    Object.keys(object).forEach(function (key) { found[key.trim().toLowerCase().replace(/-/g, '_')] = object[key]; });
    return found;
  }
  // The first of these keys that says something, as a short line of text.
  function pick(object, keys) {
    for (var i = 0; i < keys.length; i++) {
      var value = object[keys[i]];
      if (typeof value !== 'number' && typeof value !== 'string') continue;
      var text = String(value).slice(0, 4000).replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
      if (text) return text.slice(0, TEXT);
    }
    return '';
  }
  // Whether two texts say the same but for what reading an event's data takes away: unseen signs, and length.
  function same(one, other) {
    function plain(text) { return text.replace(/[\s\p{C}]+/gu, ''); }
    one = plain(one);
    other = plain(other);
    if (one.slice(-1) === '…') return other.indexOf(one.slice(0, -1)) === 0;
    return one === other || (one.length > 100 && other.indexOf(one) === 0);
  }
  // Minutes since 1970; a time without a zone is the event's.
  function minute(text) {
    var parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(text);
    if (!parts) return 0;
    var value = Date.parse(parts[1] + 'T' + parts[2] + ':00Z') / 60000;
    if (isNaN(value)) return 0;
    if (parts[5] && /z/i.test(parts[5])) return value;
    if (parts[5]) {
      var digits = parts[5].replace(':', '');
      return value - (digits[0] === '-' ? -1 : 1) * (Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3)));
    }
    return value - app.offset(value - app.offset(value));
  }

  function compare(body) {
    var list = Array.isArray(body) ? body : body && (body.sessions || body.data || body.results);
    if (!Array.isArray(list)) throw new Error('shape');
    // Of an answer in parts, only the first is asked for: what is missing there says nothing.
    var isPart = Boolean(body.next || body.links && body.links.next), seen = new Map(), changes = {}, known = 0;
    list.forEach(function (item) {
      if (!item || typeof item !== 'object') return;
      var id = pick(spelled(item), ['id']);
      if (id) seen.set(id, spelled(item.attributes && typeof item.attributes === 'object' ? item.attributes : item));
    });
    app.index.sessions.forEach(function (row) { if (seen.has(row[0])) known++; });
    // An answer that hardly knows this event's sessions is about something else.
    if (known < 1 || !isPart && known * 2 < app.index.sessions.length) throw new Error('other');
    app.index.sessions.forEach(function (row) {
      var change = {}, data = seen.get(row[0]);
      if (!data) {
        // Some sessions have no id of their own in the data; they cannot be missed.
        if (!isPart && !/^(x[0-9a-f]{12}|n-\d+)$/.test(row[0])) changes[row[0]] = { cancelled: true };
        return;
      }
      var begins = minute(pick(data, ['starts_at', 'start_time', 'start', 'starts', 'timestart']));
      var ends = minute(pick(data, ['ends_at', 'end_time', 'end', 'ends', 'timeend']));
      var state = pick(data, ['state', 'status']).toLowerCase();
      if (NOT_SHOWN.indexOf(state) >= 0 || pick(data, ['deleted_at']) || data.in_trash === true) {
        changes[row[0]] = { cancelled: true };
        return;
      }
      if (begins && (begins !== row[2] || (ends && ends >= begins && ends !== row[3]))) {
        change.begins = begins;
        change.ends = ends && ends >= begins ? ends : begins + row[3] - row[2];
        change.day = app.dateKey(begins) !== app.dateKey(row[2]);
      }
      var place = data.microlocation && typeof data.microlocation === 'object' ? data.microlocation : data.room;
      var room = place && typeof place === 'object' ? pick(spelled(place), ['name']) : '';
      if (room && !same(row[5] ? app.index.rooms[row[5] - 1] : '', room)) change.room = room;
      var title = pick(data, ['title', 'name']);
      if (title && !same(row[1], title)) change.title = title;
      if (Object.keys(change).length) changes[row[0]] = change;
    });
    return changes;
  }

  async function check(asked) {
    var last = status(), now = Date.now();
    // Without a network there is nothing to ask, and nothing failed.
    if (navigator.onLine === false && !asked) return;
    if (busy || (!asked && last.tried && now - last.tried < EVERY && last.tried <= now)) return;
    busy = true;
    // Written first, so that pages that are opened meanwhile do not ask too.
    app.keep('checked', { at: last.at, failed: last.failed, tried: now });
    try {
      var body = await fetched();
      await index();
      app.changes = compare(body);
      app.keep('changes', { version: app.version, changes: app.changes });
      app.keep('checked', { at: now, tried: now });
      app.showChanges();
    } catch (error) {
      // Said under "About", nowhere else.
      if (!left) app.keep('checked', { at: last.at, failed: now, tried: now });
    }
    busy = false;
    show();
  }
  // Who leaves a page takes its question away; another page asks again, though not at once.
  window.addEventListener('pagehide', function () {
    left = true;
    if (!busy) return;
    var last = status();
    last.tried = Date.now() - EVERY + AGAIN;
    app.keep('checked', last);
  });
  window.addEventListener('pageshow', function () { left = false; });

  show();
  if (button) {
    button.hidden = false;
    button.addEventListener('click', function () { check(true); });
  }
  check(false);
  setInterval(function () { check(false); }, AGAIN);
})(eventApp);
