// Before anything is drawn: the chosen appearance.
(function () {
  'use strict';
  var theme = null;
  try { theme = localStorage.getItem('theme'); } catch (error) { /* Storage may be off. */ }
  if (theme === 'light' || theme === 'dark') document.documentElement.setAttribute('data-theme', theme);
})();
