// Asks the event's address for changes: when the app is opened and at most every five minutes; silent if it fails.
(function (app) {
  'use strict';
  if (!app.endpoint) return;
  var EVERY = 5 * 60000, PATIENCE = 15000, MOST = 16 * 1024 * 1024, TEXT = 500, busy = false;
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

  // The first of these names that the object has, as a short text.
  function pick(object, names) {
    for (var i = 0; i < names.length; i++) {
      var value = object[names[i]];
      if (typeof value === 'number' || typeof value === 'string') return String(value).trim().slice(0, TEXT);
    }
    return '';
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
    var list = Array.isArray(body) ? body : body && (body.sessions || body.data);
    if (!Array.isArray(list)) throw new Error('shape');
    var seen = new Map(), changes = {}, known = 0;
    list.forEach(function (item) {
      if (!item || typeof item !== 'object') return;
      var inner = item.attributes && typeof item.attributes === 'object' ? item.attributes : item;
      var id = pick(item, ['id']);
      if (id) seen.set(id, [inner, item]);
    });
    app.index.sessions.forEach(function (row) { if (seen.has(row[0])) known++; });
    // An answer that hardly knows this event's sessions is about something else.
    if (known * 2 < app.index.sessions.length) throw new Error('other');
    app.index.sessions.forEach(function (row) {
      var change = {}, pair = seen.get(row[0]);
      if (!pair) {
        changes[row[0]] = { cancelled: true };
        return;
      }
      var data = pair[0], begins = minute(pick(data, ['start_time', 'starts-at', 'starts_at', 'start-time', 'startTime']));
      var ends = minute(pick(data, ['end_time', 'ends-at', 'ends_at', 'end-time', 'endTime']));
      var state = pick(data, ['state', 'status']).toLowerCase(), deleted = pick(data, ['deleted-at', 'deleted_at']);
      if (/^(cancell?ed|withdrawn|rejected)$/.test(state) || deleted) change.cancelled = true;
      if (begins && (begins !== row[2] || (ends && ends >= begins && ends !== row[3]))) {
        change.begins = begins;
        change.ends = ends && ends >= begins ? ends : begins + row[3] - row[2];
        change.day = app.dateKey(begins) !== app.dateKey(row[2]);
      }
      var room = data.microlocation && typeof data.microlocation === 'object' ? pick(data.microlocation, ['name']) : '';
      if (room && room !== (row[5] ? app.index.rooms[row[5] - 1].trim() : '')) change.room = room;
      var title = pick(data, ['title']);
      if (title && title !== row[1].trim().slice(0, TEXT)) change.title = title;
      if (Object.keys(change).length) changes[row[0]] = change;
    });
    return changes;
  }

  async function check(asked) {
    var last = status(), tried = Math.max(last.at || 0, last.failed || 0), now = Date.now();
    // Without a network there is nothing to ask, and nothing failed.
    if (navigator.onLine === false && !asked) return;
    if (busy || (!asked && now - tried < EVERY && tried <= now)) return;
    busy = true;
    try {
      // Written first: pages that are opened meanwhile do not ask too.
      app.keep('checked', { at: last.at, failed: now });
      var body = await fetched();
      await index();
      app.changes = compare(body);
      app.keep('changes', { version: app.version, changes: app.changes });
      app.keep('checked', { at: now });
      app.showChanges();
    } catch (error) { /* Said under "About", nowhere else. */ }
    busy = false;
    show();
  }

  show();
  if (button) {
    button.hidden = false;
    button.addEventListener('click', function () { check(true); });
  }
  check(false);
  setInterval(function () { check(false); }, 60000);
})(eventApp);
