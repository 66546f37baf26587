// Search while typing. One key costs a bounded time: the rest is looked through after the screen was drawn.
(function (app) {
  'use strict';
  document.querySelector('[data-scriptless]').remove();
  var field = document.getElementById('query'), found = document.getElementById('found');
  var results = document.getElementById('results'), hint = found.textContent, run = 0;
  var SLICE = 8, PAGE = 30;

  // Case and marks are no difference: café is CAFE, أحمد is احمد.
  function fold(text) {
    return text.normalize('NFKD').replace(/[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]/g, '')
      .toLowerCase().replace(/ß/g, 'ss').replace(/ø/g, 'o').replace(/ł/g, 'l').replace(/đ/g, 'd').replace(/æ/g, 'ae');
  }

  // Everything that can be found, as [kind, number]; each text is folded when it is first looked at.
  var entries = [], texts = [];
  app.index.sessions.forEach(function (row, place) { entries.push(['sessions', place + 1]); });
  app.index.speakers.forEach(function (row, place) { entries.push(['speakers', place + 1]); });
  app.index.tracks.forEach(function (name, place) { entries.push(['tracks', place + 1]); });
  app.index.rooms.forEach(function (name, place) { entries.push(['rooms', place + 1]); });
  function text(place) {
    if (texts[place] === undefined) {
      var kind = entries[place][0], number = entries[place][1], said;
      if (kind === 'sessions') {
        var session = app.session(number);
        var track = session.track ? app.index.tracks[session.track - 1] : '';
        said = [session.title, session.room, track].concat(session.people);
      } else if (kind === 'speakers') said = app.index.speakers[number - 1];
      else said = [app.index[kind][number - 1]];
      texts[place] = fold(said.join('\n'));
    }
    return texts[place];
  }

  function row(kind, number) {
    var item = app.make('li'), link = app.make('a'), words = app.make('span'), name = app.make('b'), about = '';
    link.href = { speakers: 'speakers/' + number, tracks: 'track-' + number, rooms: 'rooms/' + number }[kind] + '.html';
    if (kind === 'tracks') link.className = 'striped t' + number;
    var data = app.index[kind][number - 1];
    if (kind === 'speakers') {
      about = data[1];
      data = data[0];
    }
    name.appendChild(app.make('bdi', '', data));
    words.appendChild(name);
    if (about) {
      var small = app.make('small', '', about);
      small.dir = 'auto';
      words.appendChild(small);
    }
    link.appendChild(words);
    item.appendChild(link);
    return item;
  }

  function group(kind) {
    var section = app.make('section', 'block');
    var list = kind === 'sessions' ? app.make('ol', 'cards') : app.make('ul', 'rows');
    var numbers = [], shown = 0, more = null, marks = app.marks();
    section.appendChild(app.make('h2', '', app.words[kind]));
    section.appendChild(list);
    function draw(limit) {
      for (; shown < numbers.length && shown < limit; shown++) {
        var number = numbers[shown];
        list.appendChild(kind === 'sessions'
          ? app.card(app.session(number), { day: true, marks: marks }) : row(kind, number));
      }
      if (shown < numbers.length && !more) {
        more = app.make('button', 'button', app.words.search_more);
        more.type = 'button';
        more.addEventListener('click', function () {
          var next = shown;
          draw(shown + PAGE);
          var link = list.children[next] && list.children[next].querySelector('a');
          if (link) link.focus();
        });
        section.appendChild(more);
      }
      if (more) more.hidden = shown >= numbers.length;
    }
    return {
      add: function (number) {
        if (!numbers.length) results.appendChild(section);
        numbers.push(number);
      },
      draw: function () { draw(Math.max(shown, Math.min(PAGE, numbers.length))); }
    };
  }

  function search() {
    var mine = ++run, wanted = fold(field.value).split(/\s+/).filter(Boolean), place = 0, count = 0, groups = {};
    results.textContent = '';
    if (!wanted.length) {
      found.textContent = hint;
      return;
    }
    function slice() {
      if (mine !== run) return;
      var until = performance.now() + SLICE;
      for (var looked = 1; place < entries.length; looked++) {
        // The clock is asked once in 64 texts.
        if (looked % 64 === 0 && performance.now() > until) break;
        var hay = text(place);
        if (wanted.every(function (word) { return hay.indexOf(word) >= 0; })) {
          var kind = entries[place][0];
          groups[kind] = groups[kind] || group(kind);
          groups[kind].add(entries[place][1]);
          count++;
        }
        place++;
      }
      Object.keys(groups).forEach(function (kind) { groups[kind].draw(); });
      if (place < entries.length) {
        setTimeout(slice, 0);
        return;
      }
      found.textContent = count ? app.say('search_count', { n: count })
        : app.say('search_none', { query: field.value });
    }
    slice();
  }

  field.addEventListener('input', function () {
    try { sessionStorage.setItem('query:' + app.id, field.value); } catch (error) { /* Off. */ }
    search();
  });
  // Back from a result: the same results again.
  try { field.value = sessionStorage.getItem('query:' + app.id) || ''; } catch (error) { /* Off. */ }
  if (field.value) search();
  else field.focus();
})(eventApp);
