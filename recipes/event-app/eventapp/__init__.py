"""Makes an Android app of an event's data: reads it, checks it, renders it as an offline site, and packs that."""
